// Elements from data. Text is always set as text, so nothing from the API is read as HTML.

/**
 * The element of this id, which must be there and of this class.
 *
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [kind]
 * @returns {T}
 */
export function byId(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof (kind ?? HTMLElement))) throw new Error(`no ${id}`);
  return /** @type {T} */ (found);
}

/**
 * A new element. `props` are properties; names with a dash are attributes. Null children are left out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [props]
 * @param {(Node | string | null)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.includes('-')) element.setAttribute(name, String(value));
    else Object.assign(element, { [name]: value });
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Fills `parent` again if `data` has changed. Unchanged parts keep the focus, and a screen reader does not read them again.
 *
 * @template T
 * @param {Element} parent
 * @param {T} data
 * @param {(data: T) => (Node | string | null)[]} draw
 */
export function show(parent, data, draw) {
  const text = JSON.stringify(data);
  if (shown.get(parent) === text) return;
  shown.set(parent, text);
  parent.replaceChildren(...draw(data).filter((child) => child !== null));
}

/**
 * Like `show` for a list: unchanged entries stay, with the focus in them, while others come and go.
 *
 * @template T
 * @param {Element} parent
 * @param {T[]} entries
 * @param {(entry: T) => string} keyOf
 * @param {(entry: T) => HTMLElement} draw
 */
export function showList(parent, entries, keyOf, draw) {
  const before = new Map([...parent.children].map((child) => [child.getAttribute('data-key'), child]));
  const after = entries.map((entry) => {
    const [key, text] = [keyOf(entry), JSON.stringify(entry)];
    const known = before.get(key);
    if (known && shown.get(known) === text) return known;
    const element = draw(entry);
    element.setAttribute('data-key', key);
    shown.set(element, text);
    return element;
  });
  const kept = new Set(after);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  // An element that is in place is not touched: moving it would lose the focus.
  after.forEach((child, n) => {
    if (parent.children[n] !== child) parent.insertBefore(child, parent.children[n] ?? null);
  });
}

/**
 * Asks before something that cannot be undone. Resolves to true when the person agrees.
 *
 * @param {string} title
 * @param {string} text
 * @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export function confirm(title, text, yes) {
  const dialog = byId('confirm', HTMLDialogElement);
  byId('confirm-title').textContent = title;
  byId('confirm-text').textContent = text;
  byId('confirm-yes').textContent = yes;
  dialog.showModal();
  return new Promise((resolve) => {
    byId('confirm-yes').onclick = () => dialog.close('yes');
    byId('confirm-no').onclick = () => dialog.close('no');
    dialog.returnValue = 'no';
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
  });
}
