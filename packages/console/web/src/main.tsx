import { render } from 'preact';
import './style/colors.css';
import './style/page.css';
import './style/parts.css';
import './style/plot.css';
import './style/try.css';
import { followServer } from './live/console-store.js';
import { followAddress } from './shell/routes.js';
import { Shell } from './shell/shell.js';
import { followTheme } from './shell/theme.js';

followTheme();
followAddress();
followServer();
render(<Shell />, document.body);
