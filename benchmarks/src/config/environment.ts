/**
 * The only file of the benchmarks that reads `process.env`.
 */

/** Our environment for a server that is compared, without what would make it trace. */
export function inheritedEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) if (/^LANG(SMITH|CHAIN)_/.test(name)) delete env[name];
  return env;
}
