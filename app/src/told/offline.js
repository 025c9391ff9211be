{
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { style: 'short' });
  const STEPS = [['second', 60], ['minute', 60], ['hour', 24], ['day', Infinity]];
  const ago = (ms) => {
    let left = Math.max(0, Math.round(ms / 1000));
    for (const [unit, each] of STEPS) {
      if (left < each) return words.format(-left, unit);
      left = Math.floor(left / each);
    }
  };
  const tell = () =>
    document.querySelectorAll('time').forEach((time) => {
      time.title ||= time.textContent;
      time.textContent = ago(Date.now() - Date.parse(time.dateTime));
    });
  tell();
  setInterval(tell, 10_000);
  // Whoever is connected again looks at what is.
  addEventListener('online', () => location.reload());
}
