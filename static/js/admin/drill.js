/**
 * Opens and closes lines of the report in place. Without it the same links load the whole page with the line open.
 *
 * A link with [data-part] names the <tbody> it belongs to; the server sends that part alone when asked with ?part=.
 */

const table = document.querySelector('[data-drill]');

/** @param {HTMLAnchorElement} link */
async function swap(link) {
  const id = /** @type {string} */ (link.dataset.part);
  const address = new URL(link.href);
  address.searchParams.set('part', id.slice(2));
  const answer = await fetch(address, { headers: { Accept: 'text/html' } });
  const text = answer.ok && !answer.redirected ? await answer.text() : '';
  const holder = document.createElement('table');
  holder.innerHTML = text;
  const fresh = holder.querySelector(`#${CSS.escape(id)}`);
  const old = document.getElementById(id);
  if (!fresh || !old) {
    // Signed out meanwhile, or the line is gone: let the browser show what the server says.
    location.assign(link.href);
    return;
  }
  old.replaceWith(fresh);
  history.replaceState(null, '', link.href.split('#')[0]);
  document.getElementById(link.id)?.focus();
}

table?.addEventListener('click', (event) => {
  const click = /** @type {MouseEvent} */ (event);
  const link = /** @type {HTMLElement} */ (click.target).closest('a[data-part]');
  if (!(link instanceof HTMLAnchorElement) || click.ctrlKey || click.metaKey || click.shiftKey || click.button) return;
  click.preventDefault();
  link.setAttribute('aria-busy', 'true');
  swap(link).catch(() => location.assign(link.href));
});
