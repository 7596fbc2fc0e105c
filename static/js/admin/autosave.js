/**
 * One page from one form. Wagtail keeps a page as it is written, and a new one by sending the form to where pages are
 * added. Whoever pressed Publish while that was under way would send it there a second time, and be told that the
 * address is taken, by her own page. So a press waits until the page has been kept, and the form goes on with that.
 * Loaded in page editors by courses/wagtail_hooks.py; the events are Wagtail's.
 */

/** How long (ms) a press waits for a server that says nothing. */
const PATIENCE = 15_000;
let keeping = false;
/** @type {(() => void) | null} What was pressed meanwhile. */
let pressed = null;

function goOn() {
  keeping = false;
  if (pressed) pressed();
}

document.addEventListener('w-autosave:save', (event) => (keeping = !event.defaultPrevented));
document.addEventListener('w-autosave:success', goOn);
document.addEventListener('w-autosave:error', goOn);
document.addEventListener(
  'submit',
  (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!keeping || !form.matches('[data-controller~="w-autosave"]')) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (pressed) return;
    const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
    pressed = () => {
      pressed = null;
      // The button itself may be disabled by now, and would not be sent.
      if (button && button.name) form.append(Object.assign(document.createElement('input'), { type: 'hidden', name: button.name, value: button.value }));
      form.requestSubmit();
    };
    setTimeout(goOn, PATIENCE);
  },
  true,
);
