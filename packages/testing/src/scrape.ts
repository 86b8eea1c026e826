/**
 * Reads the metrics of a process as Prometheus does.
 */

/** Values by `name{label="value",…}`, labels in their order, without the label `service`; a name without labels has no braces. */
export type Scrape = ReadonlyMap<string, number>;

/** @param url of the process; `/metrics` is added */
export async function scrape(url: string): Promise<Scrape> {
  const response = await fetch(`${url}/metrics`);
  if (!response.ok) throw new Error(`${url}/metrics answered ${response.status}.`);
  const values = new Map<string, number>();
  for (const line of (await response.text()).split('\n')) {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const others = [...labels.matchAll(/(\w+="[^"]*")/g)].map(([label]) => label);
    const shown = others.filter((label) => !label.startsWith('service='));
    values.set(shown.length > 0 ? `${name}{${shown.join(',')}}` : name, Number(value));
  }
  return values;
}
