// Who tells when a word of the corpus (`corpus.js`) became more than text: what it called, fetched or opened, what the
// content security policy had to stop, and what it left in the document.

const HOST = 'canary.invalid';

const isCanary = (address) => {
  const { host, pathname } = new URL(address);
  return host === HOST || pathname.endsWith('/canary');
};

/** Adds to `intrusions` whatever happens in these pages and must not. */
export const watch = async (context, intrusions) => {
  await context.exposeBinding('owned', ({ page }, ...said) => void intrusions.push(`called at ${page.url()}: ${said}`));
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
      window.owned('the policy stopped', violatedDirective, blockedURI, sample));
  });
  context.on('request', (request) => isCanary(request.url()) && intrusions.push(`fetched ${request.url()}`));
  context.on('page', (page) => page.on('dialog', (dialog) => (intrusions.push(`said ${dialog.message()}`), dialog.dismiss())));
};

/** What in a document is no work of ours. What a terminal's screen draws is the device's own affair. */
export const strangers = (page) =>
  page.evaluate((host) => {
    const UNSEEN = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
    const LEADING = ['href', 'src', 'action', 'formaction', 'data', 'poster', 'xlink:href', 'background', 'ping'];
    const NEVER = 'iframe, object, embed, base, math, marquee, plaintext, video, audio, frame, meta[http-equiv], [srcdoc], [autofocus][onfocus]';
    const found = [...document.querySelectorAll(NEVER)].map((element) => element.outerHTML.slice(0, 200));
    const where = (element, name, value) => found.push(`<${element.tagName} ${name}=${JSON.stringify(value.slice(0, 200))}>`);
    for (const element of document.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        if (/^on|owned|canary/i.test(name)) where(element, name, value);
        if (name === 'style' && /url\(|expression|import/i.test(value)) where(element, name, value);
        if (UNSEEN.test(value) && !element.closest('.xterm')) where(element, name, value);
        if (!LEADING.includes(name)) continue;
        const leads = URL.parse(value, location.href);
        if (!leads || !/^(https?|mailto):$/.test(leads.protocol) || leads.host === host || leads.pathname.endsWith('/canary')) {
          where(element, name, value);
        }
      }
      if (element.localName === 'script' && !element.nonce) where(element, 'text', element.textContent);
      if (element.localName === 'style' && /canary|owned/.test(element.textContent)) where(element, 'text', element.textContent);
      if (element.content instanceof DocumentFragment && /owned|canary/.test(element.innerHTML)) where(element, 'content', element.innerHTML);
    }
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (UNSEEN.test(data) && !parentElement.closest('script, style, .xterm')) where(parentElement, 'text', data);
    }
    if (UNSEEN.test(document.title) || document.title === 'owned') found.push(`the title ${JSON.stringify(document.title)}`);
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) {
      const wide = [...document.querySelectorAll('body *')].filter((element) => element.getBoundingClientRect().right >= scrollWidth);
      const names = wide.slice(-3).map(({ localName, className, textContent }) => `${localName}.${className}: ${textContent.slice(0, 60)}`);
      found.push(`${scrollWidth} px on a screen of ${clientWidth}: ${names.join('; ')}`);
    }
    return [...new Set(found)].slice(0, 20);
  }, HOST);
