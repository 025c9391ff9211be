// What Lighthouse thinks of a page on a phone: a share of one for each category.
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';

export const scores = async (url, cookies, categories) => {
  const browser = await launch({
    chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    chromeFlags: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    logLevel: 'error',
  });
  try {
    const { lhr } = await lighthouse(url, {
      port: browser.port,
      logLevel: 'error',
      onlyCategories: categories,
      extraHeaders: cookies ? { Cookie: cookies } : {},
    });
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    if (lhr.finalDisplayedUrl !== url) throw new Error(`${url} leads to ${lhr.finalDisplayedUrl}`);
    return Object.values(lhr.categories).map(({ id, score, auditRefs }) => {
      const short = auditRefs.filter((audit) => audit.weight > 0 && lhr.audits[audit.id].score < 1);
      return { id, score, short: short.map((audit) => lhr.audits[audit.id].title) };
    });
  } finally {
    await browser.kill();
  }
};
