// Makes a part of a page like a fresh one, changing only what differs: what stays keeps the focus, the selection, the
// scroll position. Elements are matched by their ids; those without by their order and kind.

const TEXT = 3;
const ELEMENT = 1;
// What a person changes in a page, and the server knows nothing of: kind of element → attributes.
const PERSONS = { DETAILS: ["open"], DIALOG: ["open"], INPUT: ["checked", "value"], OPTION: ["selected"] };

export function morph(old, fresh) {
  const known = new Map([...old.children].filter((child) => child.id).map((child) => [child.id, child]));
  const wanted = new Set([...fresh.children].map((child) => child.id).filter(Boolean));
  let here = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    while (here && here.id && !wanted.has(here.id)) here = removed(here);
    const match = (next.id && known.get(next.id)) || (alike(here, next) ? here : null);
    if (!match) {
      old.insertBefore(next, here);
      continue;
    }
    if (match === here) here = here.nextSibling;
    else move(old, match, here);
    bring(match, next);
  }
  while (here) here = removed(here);
}

function removed(node) {
  const next = node.nextSibling;
  node.remove();
  return next;
}

// Moving keeps the focus where the browser knows how to.
function move(parent, node, before) {
  if (parent.moveBefore) parent.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

function alike(one, other) {
  return one && one.nodeType === other.nodeType && one.nodeName === other.nodeName && !one.id && !other.id;
}

function bring(old, fresh) {
  if (old.nodeType === TEXT) {
    if (old.data !== fresh.data) old.data = fresh.data;
  } else if (old.nodeType === ELEMENT && !old.isEqualNode(fresh)) {
    if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
    if (old instanceof HTMLDialogElement && old.open) return;
    bringAttributes(old, fresh);
    morph(old, fresh);
  }
}

function bringAttributes(old, fresh) {
  const persons = PERSONS[old.nodeName] ?? [];
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !persons.includes(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (!persons.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}
