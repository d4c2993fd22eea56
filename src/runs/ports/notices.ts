import type { ToldServices } from '../../core/notice/services/services-news.js';
import type { TemplateName, TemplateTexts } from '../../core/notice/template/template-name.js';
import type { ToldAccount } from '../../core/notice/told/told-record.js';
import type { ServerCheck } from '../../core/plan/install/install-liveness.js';

/** Tells the administrator. MUST NOT throw for a message that cannot be sent. */
export interface Notifier {
  /** One mail. Both may hold outside text; the adapter MUST keep it from becoming headers or commands. */
  tell(message: { readonly subject: string; readonly lines: readonly string[] }): Promise<
    | { readonly ok: true }
    /** `isQueued`: it is tried again without being handed over again. */
    | { readonly ok: false; readonly why: string; readonly isQueued: boolean }
  >;
}

/** What the administrator was told of the server's own certificates: `notices/services.json`. */
export interface ToldServicesStore {
  /** What cannot be read was not told. MUST NOT throw. */
  read(): Promise<ToldServices | null>;
  /** Null removes it. MUST NOT throw. */
  write(told: ToldServices | null): Promise<ServerCheck>;
}

/** What people were told of an account's websites and is not over: `notices/told/<account>.json`. */
export interface NoticeMemory {
  /** Accounts that have one. @throws StateError TREE_UNREADABLE */
  accounts(): Promise<readonly string[]>;
  /** Undefined: nobody was told anything. @throws StateError CORRUPT_RECORD */
  read(account: string): Promise<ToldAccount | undefined>;
  /** Durable before it resolves; null removes it. @throws StateError WRITE_FAILED, NO_SPACE */
  write(account: string, told: ToldAccount | null): Promise<void>;
}

/** An administrator's own templates. What must not be read is a value. */
export interface NoticeTemplates {
  /** Parts that lie there; `refused`: one printable clause for each file that may not be used. */
  read(name: TemplateName): Promise<{ readonly texts: TemplateTexts; readonly refused: readonly string[] }>;
}
