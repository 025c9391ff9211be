// What this device does beside the page: the service worker, notifications, and the last known state for when nobody
// answers. Fetched once the page is awake; `app/src/browser/device.rs` calls it by these names.
const KEPT = 'last-known';
const PAGE = '/offline';
const KEEP_EVERY_MS = 5 * 60 * 1000;
const KEEP_AGAIN_AFTER_MS = 20 * 1000;

/** Nothing where the browser has no service workers, as over plain HTTP. */
const worker = navigator.serviceWorker?.register('/sw.js').catch(() => undefined);
const isOutside = () => document.querySelector('main.outside') !== null;
let keptAt = -Infinity;

const forget = () => globalThis.caches?.delete(KEPT);

/** Keeps what is known now; nothing once nobody is logged in any more. */
const keep = async () => {
  if (!(await worker) || performance.now() - keptAt < KEEP_AGAIN_AFTER_MS) return;
  keptAt = performance.now();
  try {
    const answer = await fetch(PAGE, { redirect: 'manual' });
    if (answer.ok) await (await caches.open(KEPT)).put(PAGE, answer);
    else if (answer.type === 'opaqueredirect' || answer.status === 401) await forget();
  } catch {
    // Nobody answers: what was kept before is what there is.
  }
};

if (isOutside()) {
  forget();
} else {
  keep();
  setInterval(() => document.hidden || keep(), KEEP_EVERY_MS);
  addEventListener('visibilitychange', () => document.hidden && keep());
}

const canPush = async () => isSecureContext && 'PushManager' in globalThis && Boolean(await worker);

/** The worker once it is at work: before that nothing can be subscribed to. */
const ready = () => navigator.serviceWorker.ready;

const hex = async (text) => {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** `impossible`, `denied`, nothing, or the mark by which the server knows this browser's subscription. */
export const pushState = async () => {
  if (!(await canPush())) return 'impossible';
  if (Notification.permission === 'denied') return 'denied';
  const known = await (await ready()).pushManager.getSubscription();
  // The first of the two is what the browser's cookie says, which no page is to learn.
  return known ? hex(await hex(known.endpoint)) : '';
};

/** Asks the person and then the browser's push service. What the server wants to know, each on a line; or a word. */
export const pushOn = async (key) => {
  if (!(await canPush())) return 'impossible';
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const { pushManager } = await ready();
  const ask = () => pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  try {
    // What was subscribed to with another key, of another server perhaps, is of no use.
    const given = await ask().catch(async () => {
      await (await pushManager.getSubscription())?.unsubscribe();
      return ask();
    });
    const { endpoint, keys } = given.toJSON();
    return [endpoint, keys.p256dh, keys.auth].join('\n');
  } catch {
    return 'failed';
  }
};

export const pushOff = async () => {
  if (!(await canPush())) return;
  await (await (await ready()).pushManager.getSubscription())?.unsubscribe();
};

/** Tells of an incident while nobody looks at the page, unless this browser hears of it by push: once for all tabs. */
export const news = async (title, path, tag) => {
  if (!document.hidden || globalThis.Notification?.permission !== 'granted') return;
  const registration = await worker;
  if (!registration || (await registration.pushManager?.getSubscription())) return;
  await registration.showNotification(title, { tag, icon: '/icon-192.png', data: { path } });
};
