import { describeCache } from './cache.js';

describeCache('chromium');
