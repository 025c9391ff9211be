// What the pages say, from the files they say it from: tests find things by their labels.
import { readFileSync } from 'node:fs';

const read = (language) =>
  JSON.parse(readFileSync(new URL(`../../app/locales/${language}.json`, import.meta.url), 'utf8'));

export const en = read('en');
export const id = read('id');
export const ru = read('ru');

/** A sentence with its places filled. */
export const fill = (sentence, places) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
