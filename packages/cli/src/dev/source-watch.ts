/**
 * Tells when the content of files changes. Folders are watched, not files: editors replace files by others of the same name.
 */
import { createHash } from 'node:crypto';
import { readFileSync, watch, type FSWatcher } from 'node:fs';
import { dirname, extname } from 'node:path';

/** Editors and version control write several files in a row. */
const SETTLE_MS = 100;
const CODE = new Set(['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs', '.json']);

/** What a {@link SourceWatch} needs. */
export interface SourceWatchOptions {
  /** Called with what has changed; absolute paths. */
  onChange(files: readonly string[]): void;
  note(sentence: string): void;
}

export class SourceWatch {
  private readonly hashes = new Map<string, string>();
  private readonly folders = new Map<string, FSWatcher>();
  private readonly touched = new Set<string>();
  private anyCode = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SourceWatchOptions) {}

  /**
   * Watches these files from now on. One that it knows already is compared with what it was when it was seen last.
   *
   * @param anyCode true: any other file of code in their folders counts too, such as one that was missing
   */
  set(files: Iterable<string>, anyCode: boolean): void {
    const wanted = new Set(files);
    for (const file of this.hashes.keys()) if (!wanted.has(file)) this.hashes.delete(file);
    for (const file of wanted) if (!this.hashes.has(file)) this.hashes.set(file, hashOf(file));
    this.anyCode = anyCode;
    const folders = new Set([...wanted].map((file) => dirname(file)));
    for (const [folder, watcher] of this.folders) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.folders.delete(folder);
    }
    for (const folder of folders) if (!this.folders.has(folder)) this.open(folder);
    // Something may have changed before its folder was watched.
    this.soon();
  }

  close(): void {
    clearTimeout(this.timer);
    for (const watcher of this.folders.values()) watcher.close();
    this.folders.clear();
  }

  private open(folder: string): void {
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && CODE.has(extname(name))) this.touched.add(name);
        this.soon();
      });
      watcher.on('error', () => undefined);
      this.folders.set(folder, watcher);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return;
      const limit = code === 'ENOSPC' || code === 'EMFILE' ? ' Raise fs.inotify.max_user_watches.' : '';
      this.options.note(`Changes in ${folder} will not be seen (${String(code)}).${limit}`);
    }
  }

  private soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.compare();
    }, SETTLE_MS);
  }

  private compare(): void {
    const changed: string[] = [];
    for (const [file, before] of this.hashes) {
      const now = hashOf(file);
      if (now === before) continue;
      this.hashes.set(file, now);
      changed.push(file);
    }
    const touched = [...this.touched];
    this.touched.clear();
    if (changed.length === 0 && this.anyCode) changed.push(...touched);
    if (changed.length > 0) this.options.onChange(changed);
  }
}

/** Empty when there is no such file. */
function hashOf(file: string): string {
  try {
    return createHash('sha256').update(readFileSync(file)).digest('base64');
  } catch {
    return '';
  }
}
