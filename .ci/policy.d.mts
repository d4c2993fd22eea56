export const POLICY_PATH: string;
export function withDaemonsHeldBack<Result>(work: () => Promise<Result>, path?: string): Promise<Result>;
export function recoverPolicy(path?: string): void;
