/** What a run looked at completely: what was told of it and is not found there any more is over. */
export type NoticeScope =
  /** Every account but those that could not be looked at (unreadable, suspended, not reached before the run ended). */
  | {
      readonly kind: 'all';
      readonly except: ReadonlySet<string>;
      /** Websites of the others that the run cannot speak for: they wait, or could not be looked at. */
      readonly unsettled: ReadonlySet<string>;
    }
  | {
      readonly kind: 'accounts';
      readonly accounts: ReadonlySet<string>;
      readonly unsettled: ReadonlySet<string>;
    }
  | {
      readonly kind: 'websites';
      readonly websites: readonly { readonly account: string; readonly vhost: string }[];
    };
