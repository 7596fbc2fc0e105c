/**
 * A new page is kept when its author says so. Wagtail would keep it by itself as it is written, by sending the form to
 * where pages are added; whoever pressed Publish while that was under way sent it there a second time, and was told
 * that the address is taken, by her own page. Once saved, a page is kept as it is written.
 * Loaded in page editors by courses/wagtail_hooks.py; the attribute is a value of Wagtail's w-autosave.
 */
for (const form of document.querySelectorAll('form[data-controller~="w-autosave"]')) {
  const { action, dataset } = /** @type {HTMLFormElement} */ (form);
  if (action.includes('/pages/add/')) dataset.wAutosaveActiveValue = 'false';
}
