/**
 * Counts what one session asks of Postgres, transaction by transaction.
 */
import { PostgresMessages, startupParameters, textsOf } from './postgres-messages.js';

/** A statement as it was sent; `name` is empty for one that is not kept prepared. */
export interface Statement {
  readonly name: string;
  readonly sql: string;
}

/** What a session did between two moments at which it was idle. */
export interface CountedTransaction {
  readonly applicationName: string;
  readonly statements: readonly Statement[];
  /** Waits for an answer: what is sent before the answer to what went before has come is not another one. */
  readonly roundTrips: number;
}

export class SessionCounter {
  readonly #client = new PostgresMessages('client', (type, body) => this.#fromClient(type, body));
  readonly #server = new PostgresMessages('server', (type, body) => this.#fromServer(type, body));
  readonly #prepared = new Map<string, Statement>();
  readonly #portals = new Map<string, Statement>();
  /** Executed since the last Sync. */
  #executed: Statement[] = [];
  /** What each Sync that has no answer yet was sent with. */
  readonly #unanswered: { statements: Statement[]; isTrip: boolean }[] = [];
  #statements: Statement[] = [];
  #roundTrips = 0;
  #applicationName = '';

  constructor(private readonly onTransaction: (transaction: CountedTransaction) => void) {}

  clientSent(piece: Buffer): void {
    this.#client.push(piece);
  }

  serverSent(piece: Buffer): void {
    this.#server.push(piece);
  }

  #fromClient(type: string, body: Buffer): void {
    if (type === 'startup') this.#applicationName = startupParameters(body).get('application_name') ?? '';
    else if (type === 'P') {
      const [name = '', sql = ''] = textsOf(body, 2);
      this.#prepared.set(name, { name, sql });
    } else if (type === 'B') {
      const [portal = '', name = ''] = textsOf(body, 2);
      this.#portals.set(portal, this.#prepared.get(name) ?? { name, sql: '' });
    } else if (type === 'E') {
      const statement = this.#portals.get(textsOf(body, 1)[0] ?? '');
      if (statement) this.#executed.push(statement);
    } else if (type === 'Q') {
      const [text = ''] = textsOf(body, 1);
      // Several in one message; a semicolon inside a literal would be miscounted, and none of ours has one.
      for (const sql of text.split(';')) if (sql.trim() !== '') this.#executed.push({ name: '', sql });
      this.#sync();
    } else if (type === 'S') this.#sync();
  }

  #sync(): void {
    this.#unanswered.push({ statements: this.#executed, isTrip: this.#unanswered.length === 0 });
    this.#executed = [];
  }

  #fromServer(type: string, body: Buffer): void {
    if (type !== 'Z') return;
    // The one after the greeting answers nothing.
    const answered = this.#unanswered.shift();
    if (!answered) return;
    this.#statements.push(...answered.statements);
    this.#roundTrips += answered.isTrip ? 1 : 0;
    const isIdle = String.fromCharCode(body[0] ?? 0) === 'I';
    if (!isIdle) return;
    this.onTransaction({
      applicationName: this.#applicationName,
      statements: this.#statements,
      roundTrips: this.#roundTrips,
    });
    this.#statements = [];
    this.#roundTrips = 0;
  }
}
