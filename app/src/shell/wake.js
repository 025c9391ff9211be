{
  // What was typed, chosen or pressed before the page answered, in its order: done again once it does.
  let early = [];
  let isHeard = false;
  const isBox = (control) => control.type === 'checkbox' || control.type === 'radio';
  // Of a text only its last state counts, and of a button that does not answer only that it was pressed.
  const isReplaced = (known, { type, control }) => known.type === type && known.control === control && !isBox(control);
  // What an act of now takes the place of: in a row of radio buttons what another of them said, and of a text
  // everything, but that it is left says nothing about what was typed.
  const isOutdated = (known, type, now) =>
    now.type === 'radio'
      ? known.control !== now && known.control.name === now.name
      : known.control === now && (type !== 'change' || known.type === type);
  const keep = ({ type, target }) => {
    const control = type === 'click' ? target.closest('button[type=button]:not([popovertarget])') : target;
    if (isHeard) {
      // What somebody does now is newer, and comes after all that was before it. Of a box the press is heard first.
      const pressed = target.closest('label')?.control ?? target;
      const now = control ?? (isBox(pressed) ? pressed : null);
      const before = now ? early.filter((known) => !isOutdated(known, type, now)) : early;
      early = [];
      before.forEach(repeat);
    } else if (control) {
      const act = { type, control, value: control.value, checked: control.checked };
      early = [...early.filter((known) => !isReplaced(known, act)), act];
    }
  };
  const repeat = ({ type, control, value, checked }) => {
    if (type === 'click') {
      control.click();
    } else if (!isBox(control)) {
      if (control.value !== value) control.value = value;
      control.dispatchEvent(new Event(type, { bubbles: true }));
    } else if (type === 'change') {
      control.checked = !checked;
      control.click();
    }
  };
  const kinds = ['click', 'input', 'change'];
  const stop = () => kinds.forEach((kind) => removeEventListener(kind, keep, true));
  kinds.forEach((kind) => addEventListener(kind, keep, true));

  // What this device does beside the page comes when all else is done, or when the page calls it.
  globalThis.beside = async (name, given, script = 'device') => (await import(`/${script}.js`))[name]?.(...given);
  const answer = () => {
    stop();
    early.forEach(repeat);
    early = [];
    // Tells the server how wide the window is, so that the next page is drawn for it from the first.
    const secure = location.protocol === 'https:' ? '; Secure' : '';
    document.cookie = `screen=${innerWidth}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    // Tests know by this mark that the page answers.
    document.documentElement.dataset.awake = '';
    beside().catch(() => {});
  };
  // Between two parts of its work the browser may see to the person.
  const turn = () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = resolve;
      port2.postMessage(null);
    });
  const wake = async () => {
    // The largest first, the least urgent last.
    const wasm = fetch('/pkg/app.wasm');
    const script = import('/pkg/app.js');
    const words = fetch(`/pkg/words-${document.documentElement.lang}.txt`).then((answer) => answer.text());
    const app = await script;
    // What the page needs beside what all pages need.
    const part = document.querySelector('meta[name=part]')?.content ?? '';
    app.ahead(part);
    await app.default({ module_or_path: wasm });
    const spoken = await words;
    if (!(await app.fetch_part(part))) throw new Error('a part of the page did not come');
    const held = document.activeElement;
    const caret = [held?.selectionStart, held?.selectionEnd, held?.selectionDirection];
    app.hydrate(spoken);
    // Its microtasks write what the page knows into the fields: somebody may be typing or pressing on, so what they did
    // comes back first, and the caret to its place.
    await null;
    for (const { control, value, checked } of early) {
      if (isBox(control)) control.checked = checked;
      else if (control.value !== value) control.value = value;
    }
    if (typeof caret[0] === 'number') held.setSelectionRange(...caret);
    isHeard = true;
    while (app.go_on()) await turn();
    answer();
  };
  const element = (name, facts) => Object.assign(document.createElement(name), facts);
  const say = ({ content, dataset }) => {
    const note = element('p', { className: 'note bad unwoken', role: 'alert', textContent: `${content} ` });
    note.append(element('a', { href: '', textContent: dataset.again }));
    document.body.append(note);
  };
  // Without the browser's half nothing will be done again, and somebody has to know: not where a form works without
  // it, nor of a page that is being left, whose files are no longer waited for.
  const TOLD_AFTER_MS = 1000;
  const tryToWake = () =>
    wake().catch((error) => {
      stop();
      early = [];
      const told = document.querySelector('meta[name=unwoken]');
      if (!document.querySelector('.gate-form')) setTimeout(say, TOLD_AFTER_MS, told);
      throw error;
    });
  // The browser's half comes once the page was painted: nothing that is needed to see it waits behind the largest
  // file. A page that nobody looks at is painted by nobody.
  addEventListener('DOMContentLoaded', () =>
    document.hidden ? tryToWake() : requestAnimationFrame(() => setTimeout(tryToWake)),
  );
}
