// Many devices at once, for lists that are longer than the screen.

const nameOf = (number) => `ap-${String(number).padStart(4, '0')}`;

/** Adds `count` devices, a few at a time; `make` says what the one of a number is. */
export const addMany = async (server, count, make) => {
  const left = Array.from({ length: count }, (_, number) => make(number)).values();
  const lane = async () => {
    for (const device of left) await server.addDevice(device);
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
};

/** Adds `count` access points; their names are `ap-0000` and so on. */
export const addFleet = (server, count, more = {}) =>
  addMany(server, count, (number) => ({
    name: nameOf(number),
    ip_address: `127.3.${Math.floor(number / 250)}.${(number % 250) + 1}`,
    device_type: 'wifi_ap',
    ...more,
  }));

/** The row of a device, by its whole name. */
export const rowOf = (page, name) => page.locator('tr[data-id]').filter({ has: page.getByRole('link', { name, exact: true }) });
