/** Shows the fields for the first and last day only when "From – to" is chosen. Without it they are always there. */

const period = /** @type {HTMLSelectElement | null} */ (document.querySelector('.filters select[name="period"]'));
const days = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.filters .field-day'));

function settle() {
  for (const day of days) day.hidden = period?.value !== 'custom';
}

if (period) {
  // An address may name days without saying so.
  const named = [...days].some((day) => day.querySelector('input')?.value);
  if (named && !period.value) period.value = 'custom';
  settle();
  period.addEventListener('change', settle);
}
