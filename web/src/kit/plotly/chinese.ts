const months = Array.from({ length: 12 }, (_, month) => `${month + 1}月`);
const days = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

/** Names on date axes; the engine's own words never show, because its tool bar is off. */
export const chinese = {
  moduleType: "locale",
  name: "zh-CN",
  dictionary: {},
  format: {
    days,
    shortDays: days,
    months,
    shortMonths: months,
    periods: ["上午", "下午"],
    dateTime: "%Y年%-m月%-d日 %H:%M:%S",
    date: "%Y-%m-%d",
    time: "%H:%M:%S",
    year: "%Y年",
    month: "%Y年%-m月",
    dayMonth: "%-m月%-d日",
    dayMonthYear: "%Y年%-m月%-d日",
  },
};
