// The launcher's stylesheet, kept short by hand: a constructable sheet needs no `style-src`.

export const STYLE = `
:host{all:initial;position:fixed!important;z-index:2147483000!important;bottom:20px;right:20px;color-scheme:light dark}
:host([data-position=left]){right:auto;left:20px}
button{all:unset;box-sizing:border-box;position:relative;display:block;width:56px;height:56px;border-radius:50%;background:#0b6e66;color:#fff;cursor:pointer;box-shadow:0 4px 16px #0b1f2e40}
button:hover{filter:brightness(.9)}
button:focus-visible{outline:3px solid #fff;box-shadow:0 0 0 6px #0b6e66}
svg{position:absolute;inset:0;margin:auto;width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
svg+svg,[aria-expanded=true] svg{opacity:0}
[aria-expanded=true] svg+svg{opacity:1}
span{position:absolute;top:-4px;right:-4px;box-sizing:border-box;min-width:22px;height:22px;padding:0 6px;border:2px solid #fff;border-radius:11px;background:#b3261e;color:#fff;font:600 12px/18px system-ui,sans-serif;text-align:center}
[hidden]{display:none!important}
iframe,p{position:absolute;bottom:72px;right:0;box-sizing:border-box;width:392px;max-width:calc(100vw - 40px);border:0;border-radius:18px;background:#fff;box-shadow:0 0 0 1px #0b1f2e14,0 12px 48px #0b1f2e38;animation:rise .18s ease-out}
iframe{height:min(660px,calc(100vh - 112px))}
iframe.mute{opacity:0;pointer-events:none}
p{margin:0;padding:20px;animation-delay:.3s;animation-fill-mode:backwards;color:#17212b;font:15px/1.45 system-ui,sans-serif}
p:empty{clip-path:inset(50%);animation:none}
:host([data-position=left]) :is(iframe,p){right:auto;left:0}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
@media(max-width:480px){iframe,:host([data-position=left]) iframe{position:fixed;inset:0;width:100%;max-width:none;height:100%;border-radius:0}iframe:not([hidden],.mute)~button{display:none}}
@media(prefers-color-scheme:dark){button{background:#4fd1c0;color:#06221f}button:focus-visible{outline-color:#06221f;box-shadow:0 0 0 6px #4fd1c0}span{border-color:#12181d}iframe,p{background:#12181d;box-shadow:0 0 0 1px #ffffff1f}p{color:#e7edf2}}
@media(prefers-reduced-motion:reduce){*{animation:none!important}}
@media(forced-colors:active){button,span,iframe,p{border:2px solid}}
@media print{:host{display:none}}
`;
