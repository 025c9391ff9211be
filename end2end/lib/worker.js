// The page's service worker, through Chromium's own tools: no push service needs to be reached.

/** What the browser knows of the worker of this server, once it is at work. */
export const workerOf = async (context, page, server) => {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const tools = await context.newCDPSession(page);
  const registered = new Promise((resolve) =>
    tools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find((one) => one.scopeURL === `${server.url}/` && !one.isDeleted);
      if (own) resolve(own.registrationId);
    }),
  );
  await tools.send('ServiceWorker.enable');
  const registrationId = await registered;
  const isOwn = (one) => one.url() === `${server.url}/sw.js`;
  const worker = context.serviceWorkers().find(isOwn) ?? (await context.waitForEvent('serviceworker', isOwn));
  return {
    /**
     * As if the browser's push service had brought it; done once it is shown. Nobody may ask for notifications before:
     * the browser forgets each that is written down already and not on the screen yet.
     */
    deliver: async (told) => {
      await worker.evaluate(() => {
        const { promise, resolve } = Promise.withResolvers();
        const show = registration.showNotification.bind(registration);
        registration.showNotification = (...given) => {
          delete registration.showNotification;
          const showing = show(...given);
          resolve(showing);
          return showing;
        };
        globalThis.isShown = promise;
      });
      await tools.send('ServiceWorker.deliverPushMessage', {
        origin: server.url,
        registrationId,
        data: JSON.stringify(told),
      });
      await worker.evaluate(() => globalThis.isShown);
    },
  };
};

/** The notifications that the worker shows now. */
export const notifications = (page) =>
  page.evaluate(async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.map(({ title, body, tag, data }) => ({ title, body, tag, path: data?.path }));
  });

/** A subscription such as the browser's push service would give: headless Chromium has none. */
export const subscribeBy = (context, subscription) =>
  context.addInitScript((given) => {
    // Documents of nobody, such as an empty page, may keep nothing.
    if (origin === 'null') return;
    let now = null;
    const made = () => ({ endpoint: given.endpoint, toJSON: () => given, unsubscribe: async () => ((now = null), true) });
    PushManager.prototype.getSubscription = async () => now;
    PushManager.prototype.subscribe = async (options) => {
      if (!options.userVisibleOnly || options.applicationServerKey.length !== 87) throw new Error('not as it should be');
      now = made();
      localStorage.setItem('subscribed', 'yes');
      return now;
    };
    if (localStorage.getItem('subscribed')) now = made();
  }, subscription);
