/**
 * What is pasted into rich text from Word, Excel or a web page keeps its shape. The editor knows no tables and runs
 * their cells together: each row becomes a line, its cells set apart. Word's lists, which are paragraphs with a bullet
 * typed before them, become lists. Loaded in page editors by courses/wagtail_hooks.py.
 *
 * The editor takes what was pasted from the event, so it gets another event with what we made of it.
 */

const BETWEEN_CELLS = ' | ';
const EMPTY_CELL = '–';
/** Block elements that stand inside a cell: a line of text has none. */
const BLOCKS = 'p, div, li, ul, ol, h1, h2, h3, h4, h5, h6, blockquote, pre';
const ITEM = 'p[class*="MsoListParagraph"], p[style*="mso-list"]';

/** @param {Element} element */
const unwrap = (element) => element.replaceWith(...element.childNodes);

/** A cell as part of a line. @param {Element} cell */
function inline(cell) {
  cell.querySelectorAll('br').forEach((each) => each.replaceWith(' '));
  cell.querySelectorAll(BLOCKS).forEach((block) => {
    block.append(' ');
    unwrap(block);
  });
  cell.normalize();
  const { firstChild, lastChild } = cell;
  if (firstChild instanceof Text) firstChild.data = firstChild.data.trimStart();
  if (lastChild instanceof Text) lastChild.data = lastChild.data.trimEnd();
  return (cell.textContent ?? '').trim() ? [...cell.childNodes] : [EMPTY_CELL];
}

/** @param {HTMLTableElement} table */
function linesOf(table) {
  const page = table.ownerDocument;
  return [...table.rows].map((row) => {
    const line = page.createElement('p');
    [...row.cells].forEach((cell, index) => line.append(...(index ? [BETWEEN_CELLS] : []), ...inline(cell)));
    return line;
  });
}

/** @param {Document} page */
function gatherItems(page) {
  for (const item of page.querySelectorAll(ITEM)) {
    const marker = [...item.querySelectorAll('[style*="mso-list"]')].find((each) => /ignore/i.test(each.getAttribute('style') ?? ''));
    // A paragraph of the list without a bullet of its own goes on with the text before it.
    if (!marker) continue;
    const kind = /^\s*[\p{L}\d]+[.)]/u.test(marker.textContent ?? '') ? 'OL' : 'UL';
    marker.remove();
    const before = item.previousElementSibling;
    const list = before?.tagName === kind ? before : page.createElement(kind);
    if (list !== before) item.before(list);
    const entry = page.createElement('li');
    entry.append(...item.childNodes);
    list.append(entry);
    item.remove();
  }
}

/** The same content in shapes the editor knows, or nothing where it knows them all. @param {string} html */
export function reshaped(html) {
  const page = new DOMParser().parseFromString(html, 'text/html');
  // The innermost first: a table in a cell is part of the cell's line.
  const tables = [...page.querySelectorAll('table')].reverse();
  if (!tables.length && !page.querySelector(ITEM)) return null;
  gatherItems(page);
  tables.forEach((table) => table.replaceWith(...linesOf(table)));
  return page.body.innerHTML;
}

/** @param {ClipboardEvent} event */
function takeOver(event) {
  const { clipboardData: given, target } = event;
  if (!event.isTrusted || !given || !(target instanceof Element) || !target.closest('.Draftail-Editor')) return;
  const html = reshaped(given.getData('text/html'));
  if (html === null) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const clipboardData = new DataTransfer();
  clipboardData.setData('text/html', html);
  clipboardData.setData('text/plain', given.getData('text/plain'));
  target.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true, composed: true }));
}

document.addEventListener('paste', takeOver, true);
