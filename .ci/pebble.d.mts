export function isGoNewEnough(answer: string): boolean;
export function buildNewerPebble(now?: number): Promise<string | undefined>;
