// Answers in the pages' own wire, for tests that speak in the server's place.

/** Answers with these bytes, in the form in which the page asked; only the build knows its name. */
export const answer = (route, status, bytes) =>
  route.fulfill({ status, contentType: route.request().headers()['content-type'], body: Buffer.from(bytes) });
