/**
 * Addresses of pages from Vietnamese titles: "Đọc địa chỉ" gives doc-dia-chi. Wagtail's own way drops every letter
 * that carries a mark. Loaded in page editors by courses/wagtail_hooks.py.
 *
 * Wagtail hands the title to the slug field with these events; the field's own listener comes after ours.
 */
const fold = (/** @type {string} */ text) =>
  text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/đ/g, 'd').replace(/Đ/g, 'D');

for (const name of ['w-sync:check', 'w-sync:apply']) {
  document.addEventListener(
    name,
    (event) => {
      const { detail } = /** @type {CustomEvent} */ (event);
      if (detail && typeof detail.value === 'string') detail.value = fold(detail.value);
    },
    true,
  );
}
