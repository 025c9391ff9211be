// The service worker: shows what is pushed while no page is open, and the last known state while nobody answers.
// It keeps no file of the program, so it never serves an old one; what it knows is one page, which `device.js` keeps.
const KEPT = 'last-known';
const PAGE = '/offline';
/** What a proxy says in the place of a program that is not there. */
const NOBODY = [502, 504];

addEventListener('install', () => skipWaiting());
addEventListener('activate', (event) => event.waitUntil(begin()));

const begin = async () => {
  // The browser asks for a page while this worker starts, so that it costs no time.
  await registration.navigationPreload?.enable();
  const old = (await caches.keys()).filter((name) => name !== KEPT);
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
};

addEventListener('fetch', (event) => {
  const { method, mode, url } = event.request;
  if (method === 'GET' && mode === 'navigate') event.respondWith(page(event));
  // Whoever logs out leaves nothing behind.
  else if (method === 'POST' && new URL(url).pathname === '/api/log_out') event.waitUntil(caches.delete(KEPT));
});

const kept = async () => ((await caches.has(KEPT)) ? (await caches.open(KEPT)).match(PAGE) : undefined);

const page = async (event) => {
  try {
    const fresh = (await event.preloadResponse) ?? (await fetch(event.request));
    return NOBODY.includes(fresh.status) ? ((await kept()) ?? fresh) : fresh;
  } catch {
    return (await kept()) ?? Response.error();
  }
};

/** A page of ours, whatever was said. */
const inside = (path) => {
  const url = new URL(path || '/alerts', location.origin);
  return url.origin === location.origin ? url.href : `${location.origin}/alerts`;
};

addEventListener('push', (event) => event.waitUntil(tell(event.data)));

const tell = (data) => {
  let told = {};
  try {
    told = data.json() ?? {};
  } catch {
    // A push must be shown, even one that says nothing.
  }
  const { title = 'Routewarden', body = '', tag, url, severity } = told;
  return registration.showNotification(title, {
    body,
    icon: '/icon-192.png',
    badge: '/badge-96.png',
    data: { path: url },
    requireInteraction: severity === 'critical',
    // One per incident: its end takes the place of its beginning, and is heard too.
    ...(tag ? { tag, renotify: true } : {}),
  });
};

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(show(inside(event.notification.data?.path)));
});

/** Where it is open already, there; a page about something else is left alone, for somebody may be typing in it. */
const show = async (href) => {
  const pages = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const open = pages.find((page) => page.url === href);
  return open ? open.focus() : clients.openWindow(href);
};

addEventListener('pushsubscriptionchange', (event) => event.waitUntil(renew(event)));

/** The push service has given the browser a new address. */
const renew = async ({ oldSubscription, newSubscription }) => {
  const options = oldSubscription?.options;
  const now = newSubscription ?? (options && (await registration.pushManager.subscribe(options)));
  if (!now) return;
  const { endpoint, keys } = now.toJSON();
  await fetch('/api/subscribe_push', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ endpoint, p256dh: keys.p256dh, auth: keys.auth }),
  });
};
