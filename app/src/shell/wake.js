// What was typed, chosen or pressed before the page answered, in its order: done again once it does.
const early = [];
const keep = ({ type, target }) => {
  const control = type === 'click' ? target.closest('button[type=button]:not([popovertarget])') : target;
  if (control) early.push({ type, control, value: control.value, checked: control.checked });
};
const repeat = ({ type, control, value, checked }) => {
  const isBox = control.type === 'checkbox' || control.type === 'radio';
  if (type === 'click') {
    control.click();
  } else if (!isBox) {
    if (control.value !== value) control.value = value;
    control.dispatchEvent(new Event(type, { bubbles: true }));
  } else if (type === 'change') {
    control.checked = !checked;
    control.click();
  }
};
const kinds = ['click', 'input', 'change'];
kinds.forEach((kind) => addEventListener(kind, keep, true));
// Tells the server how wide the window is, so that the next page is drawn for it from the first.
document.cookie = `screen=${innerWidth}; Path=/; SameSite=Lax`;
const answer = () => {
  kinds.forEach((kind) => removeEventListener(kind, keep, true));
  early.splice(0).forEach(repeat);
  // Styles and tests know by this mark that the page answers.
  document.documentElement.dataset.awake = '';
};
// The browser's half comes once the page was painted: nothing that is needed to see it waits behind the largest
// file. A page that nobody looks at is painted by nobody. Its effects are microtasks, and so come before any timer.
const wake = async () => {
  const wasm = fetch('/pkg/app.wasm');
  const app = await import('/pkg/app.js');
  await app.default({ module_or_path: wasm });
  app.hydrate();
  setTimeout(answer);
};
addEventListener('DOMContentLoaded', () => (document.hidden ? wake() : requestAnimationFrame(() => setTimeout(wake))));
