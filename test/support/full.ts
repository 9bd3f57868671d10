/** Whether this is a run of `npm run test:full`, which has the time for every case. */
export const IS_FULL = process.env.ART_FULL === '1';
