/**
 * Routes of the platform that this server does not have. They are asked for, so that the page does not go on saying so of one that was added.
 */
export const ABSENT_ROUTES = ['POST /a2a/{assistant_id}'] as const;
