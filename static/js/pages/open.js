/** The way out of Zalo's browser: copying the address. Started for <main data-module="open">. */

/** @param {HTMLElement} main @param {App} app */
export function start(main, { t }) {
  const button = main.querySelector('[data-copy]');
  const address = main.querySelector('[data-address]');
  const said = main.querySelector('[data-copied]');
  if (!button || !address || !said) return;
  button.toggleAttribute('hidden', false);
  button.addEventListener('click', async () => {
    const text = address.textContent || '';
    const copied = navigator.clipboard && (await navigator.clipboard.writeText(text).then(() => true, () => false));
    if (!copied) {
      // Browsers inside other apps often refuse the clipboard: select the address, so that it can be copied by hand.
      const range = document.createRange();
      range.selectNodeContents(address);
      const selection = window.getSelection();
      if (selection) selection.removeAllRanges();
      if (selection) selection.addRange(range);
    }
    said.textContent = t(copied ? 'copied' : 'selected');
  });
}
