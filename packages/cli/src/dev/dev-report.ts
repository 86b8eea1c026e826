/**
 * What a person sees when `longrun dev` is ready.
 */

/** What the report is about. */
export interface DevReport {
  readonly url: string;
  readonly studioUrl: string;
  readonly graphs: readonly string[];
  readonly dataDir: string;
  readonly isWatching: boolean;
}

/** Where Studio shows this server. */
export function studioPage({ url, studioUrl }: Pick<DevReport, 'url' | 'studioUrl'>): string {
  return `${studioUrl}/studio?baseUrl=${url}`;
}

export function devReport(report: DevReport): string {
  const edits = report.isWatching
    ? 'When a file of them changes they are loaded anew; runs under way go on. '
    : '';
  return `
Longrun is ready

- API:    ${report.url}
- Docs:   ${report.url}/docs
- Studio: ${studioPage(report)}
- Graphs: ${report.graphs.join(', ')}

${edits}Threads and runs are kept in ${report.dataDir}. Ctrl-C stops; what is running then goes on at the next start.
`;
}
