declare module 'plotly.js/*'
declare module 'culori/fn'
