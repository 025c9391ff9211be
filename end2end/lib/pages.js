// Every page there is, for the tests that visit them all. A new page is a new line here.

/** Pages inside; `device` is the id of one that exists, `name` what it is called. */
export const inside = (device, name) => [
  '/',
  `/devices/${device}`,
  `/router/${name}/terminal`,
  '/alerts',
  '/alerts?state=open',
  '/history',
  `/history/${device}`,
  '/reports',
  '/logs',
  '/admin/routers',
  '/admin/routers/new',
  `/admin/routers/${device}`,
  '/admin/channels',
  '/admin/maintenance',
  '/admin/audit',
  '/admin/recordings',
  '/admin/rules',
  '/admin/users',
  '/admin/workers',
  '/admin/logs',
  '/commands',
  '/account',
  '/no/such/page',
];

/** Pages a viewer has. */
export const forViewers = (device) => [
  '/',
  `/devices/${device}`,
  '/alerts',
  '/history',
  `/history/${device}`,
  '/reports',
  '/logs',
  '/admin/maintenance',
  '/admin/rules',
  '/account',
];
