import type { NoticeAudience } from '../../domain/notice-level.js';

/** Who reads a message: commands of root's stand in no other than root's. */
export type NoticeReader = NoticeAudience | 'reseller';
