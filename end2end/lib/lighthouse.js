// What Lighthouse thinks of a page on a phone: a share of one for each category.
import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';

export const scores = async (url, cookies, categories) => {
  const browser = await puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  try {
    // Cookies of the browser's own: a header that is sent along gives way to the first cookie that a page sets.
    const { hostname: domain } = new URL(url);
    const own = cookies.split('; ').filter(Boolean).map((cookie) => {
      const [name, value] = cookie.split(/=(.*)/s);
      return { name, value, domain };
    });
    await browser.setCookie(...own);
    const page = await browser.newPage();
    // A picture of the page is part of its report, which nobody reads.
    const flags = { logLevel: 'error', onlyCategories: categories, disableFullPageScreenshot: true };
    const { lhr } = await lighthouse(url, flags, undefined, page);
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    if (lhr.finalDisplayedUrl !== url) throw new Error(`${url} leads to ${lhr.finalDisplayedUrl}`);
    return Object.values(lhr.categories).map(({ id, score, auditRefs }) => {
      const short = auditRefs.filter((audit) => audit.weight > 0 && lhr.audits[audit.id].score < 1);
      return { id, score, short: short.map((audit) => lhr.audits[audit.id].title) };
    });
  } finally {
    await browser.close();
  }
};
