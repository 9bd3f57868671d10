import { describePage } from './page.js';

describePage('chromium');
