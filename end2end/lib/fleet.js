// Many devices at once, for lists that are longer than the screen.

const nameOf = (number) => `ap-${String(number).padStart(4, '0')}`;

/** Adds `count` access points, a few at a time; their names are `ap-0000` and so on. */
export const addFleet = async (server, count, more = {}) => {
  const numbers = Array.from({ length: count }, (_, number) => number);
  const lane = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift()) {
      await server.addDevice({
        name: nameOf(number),
        ip_address: `127.3.${Math.floor(number / 250)}.${(number % 250) + 1}`,
        device_type: 'wifi_ap',
        ...more,
      });
    }
  };
  await Promise.all([lane(), lane(), lane(), lane()]);
};

/** The row of a device, by its whole name. */
export const rowOf = (page, name) => page.locator('tr[data-id]').filter({ has: page.getByRole('link', { name, exact: true }) });
