/** The print button of a page that is made to be printed; without script the browser's own menu does it. */

for (const button of document.querySelectorAll('button[data-print]')) {
  /** @type {HTMLElement} */ (button).hidden = false;
  button.addEventListener('click', () => window.print());
}
