/**
 * What the environment says of tests with requests at random: FUZZ_SEED repeats another, FUZZ_REQUESTS sends more.
 */
export const FUZZ_SEED = Number(process.env['FUZZ_SEED'] ?? 20_261_122);
export const FUZZ_REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 1_500);
/** Requests under way at the same time. */
export const FUZZ_AT_ONCE = 8;
