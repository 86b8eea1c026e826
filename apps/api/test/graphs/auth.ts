/**
 * Everybody whose token is a name is let in, and sees what they made. Some names stand for what can go wrong.
 */
import { Auth, HTTPException } from '@langchain/langgraph-sdk/auth';

interface Wish {
  metadata?: Record<string, unknown> | null;
  namespace?: string[] | null;
}

export const auth = new Auth()
  .authenticate(async (request) => {
    const [scheme, name] = (request.headers.get('authorization') ?? '').split(' ');
    if (scheme !== 'Bearer' || !name) {
      throw new HTTPException(401, { message: 'Say who you are', headers: { 'www-authenticate': 'Bearer' } });
    }
    if (name === 'expired') throw new HTTPException(401, { message: 'The token has expired' });
    if (name === 'broken') throw new Error('jwt malformed: secret-of-the-token');
    if (name === 'slow') return new Promise<never>(() => undefined);
    if (name === 'nobody') return { identity: '', permissions: [] };
    return { identity: name, permissions: name === 'admin' ? ['all'] : ['own'], token: `token of ${name}` };
  })
  .on('*', ({ user, value, permissions, action }) => {
    if (permissions.includes('all')) return;
    const wish = value as Wish;
    if (action === 'search' && user.identity === 'narrowed') {
      wish.metadata = { ...wish.metadata, open: true };
      return;
    }
    // What is made is stamped; what is looked for is filtered.
    if (action !== 'search') wish.metadata = { ...wish.metadata, owner: user.identity };
    return { owner: user.identity };
  })
  .on('threads:search', ({ user, permissions }) => {
    if (permissions.includes('all')) return true;
    return { $or: [{ owner: user.identity }, { readers: { $contains: user.identity } }] } as never;
  })
  .on('threads:delete', ({ user }) => (user.identity === 'reader' ? false : { owner: user.identity }))
  .on('crons:create', ({ user, value }) => {
    if (user.identity === 'poor') throw new HTTPException(402, { message: 'Crons are for those who pay' });
    if (user.identity === 'confused') return { owner: undefined } as never;
    const wish = value as Wish;
    wish.metadata = { ...wish.metadata, owner: user.identity };
    return { owner: user.identity };
  })
  .on('store', ({ user, value }) => {
    const wish = value as Wish;
    wish.namespace = [user.identity, ...(wish.namespace ?? [])];
  });
