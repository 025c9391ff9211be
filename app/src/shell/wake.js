// What was typed, chosen or pressed before the page answered, in its order: done again once it does.
let early = [];
let isHeard = false;
const keep = ({ type, target }) => {
  const control = type === 'click' ? target.closest('button[type=button]:not([popovertarget])') : target;
  // What somebody does now is newer than what was to be done again, there and on the same row of radio buttons.
  const isOf = (known) => known.control === control || (control?.type === 'radio' && known.control.name === control.name);
  if (isHeard) early = early.filter((known) => !isOf(known));
  else if (control) early.push({ type, control, value: control.value, checked: control.checked });
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
  early.forEach(repeat);
  early = [];
  // Styles and tests know by this mark that the page answers.
  document.documentElement.dataset.awake = '';
};
// Between two parts of its work the browser may see to the person.
const turn = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
// The browser's half comes once the page was painted: nothing that is needed to see it waits behind the largest
// file. A page that nobody looks at is painted by nobody.
const wake = async () => {
  const wasm = fetch('/pkg/app.wasm');
  const app = await import('/pkg/app.js');
  await app.default({ module_or_path: wasm });
  app.hydrate();
  isHeard = true;
  while (app.go_on()) await turn();
  answer();
};
addEventListener('DOMContentLoaded', () => (document.hidden ? wake() : requestAnimationFrame(() => setTimeout(wake))));
