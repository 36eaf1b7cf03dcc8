"""Every sentence the language says to a person, in both languages, and the finding that carries it.

The code's first digits say the kind: X1 syntax, X2 names, X3 types, X4 arguments, X5 limits, X6 broken references,
X7 warnings, X8 where an expression may not be used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from metadata.findings import Finding, register_messages

MESSAGES: dict[str, dict[str, str]] = {
    "X101": {"zh-CN": "这里缺少逗号。", "en": "A comma is missing here."},
    "X102": {"zh-CN": "第 {at} 个字符的“{bracket}”没有闭合。", "en": 'The "{bracket}" at {at} is not closed.'},
    "X103": {"zh-CN": "引号没有闭合：文本从第 {at} 个字符开始。", "en": "The text that starts at {at} has no closing quote."},
    "X104": {"zh-CN": "这里需要一个值（字段、数字、文本或函数）。", "en": "A value is expected here: a field, number, text or function."},
    "X105": {"zh-CN": "“{token}”前面需要运算符或逗号。", "en": 'An operator or a comma is expected before "{token}".'},
    "X106": {"zh-CN": "多出一个“{token}”。", "en": 'There is one "{token}" too many.'},
    "X107": {"zh-CN": "不能连续比较，请写成“{fix}”。", "en": 'Comparisons cannot be chained. Write "{fix}".'},
    "X108": {"zh-CN": "不认识字符“{token}”。", "en": 'The character "{token}" is not part of the language.'},
    "X109": {"zh-CN": "公式在这里没有写完。", "en": "The formula stops too early here."},
    "X110": {"zh-CN": "公式是空的。", "en": "The formula is empty."},
    "X111": {"zh-CN": "这里不应出现“{token}”。", "en": '"{token}" is not expected here.'},
    "X112": {"zh-CN": "参数之间请用逗号，不用分号。", "en": "Separate arguments with commas, not semicolons."},
    "X201": {"zh-CN": "没有名为“{name}”的字段，是否想用“{guess}”？", "en": 'No field "{name}". Did you mean "{guess}"?'},
    "X202": {"zh-CN": "没有名为“{name}”的字段。", "en": 'No field "{name}".'},
    "X203": {"zh-CN": "没有名为“{name}”的函数，是否想用“{guess}”？", "en": 'No function "{name}". Did you mean "{guess}"?'},
    "X204": {"zh-CN": "没有名为“{name}”的函数。", "en": 'No function "{name}".'},
    "X205": {"zh-CN": "“{name}”不是“{field}”的选项，是否想用“{guess}”？", "en": '"{name}" is no option of {field}. Did you mean "{guess}"?'},
    "X206": {"zh-CN": "“{name}”不是“{field}”的选项。可选：{options}。", "en": '"{name}" is no option of {field}. Options: {options}.'},
    "X207": {"zh-CN": "“{name}”可指多个字段，请用字段标识：{options}。", "en": '"{name}" fits several fields. Use the key: {options}.'},
    "X208": {"zh-CN": "名称“{name}”已被占用，请换一个。", "en": 'The name "{name}" is taken. Choose another one.'},
    "X209": {"zh-CN": "这里不能使用 {name}。", "en": "{name} cannot be used here."},
    "X210": {"zh-CN": "没有名为“{name}”的角色。", "en": 'No role "{name}".'},
    "X301": {"zh-CN": "{function} 需要{wanted}，这里是{got}。", "en": "{function} needs {wanted}, this is {got}."},
    "X302": {"zh-CN": "{function} 需要{wanted}，这里是{got}。可写 {fix}。", "en": "{function} needs {wanted}, this is {got}. Write {fix}."},
    "X303": {"zh-CN": "{left}不能与{right}比较。", "en": "Comparing {left} with {right} is not possible."},
    "X304": {"zh-CN": "数字不能与文本比较，去掉引号？", "en": "A number cannot be compared with text. Remove the quotes?"},
    "X305": {"zh-CN": "“{op}”不能用于{left}与{right}。", "en": '"{op}" does not work on {left} and {right}.'},
    "X306": {"zh-CN": "日期时间加减要用时长，例如“{fix}”。", "en": 'Add a duration to a date and time, for example "{fix}".'},
    "X307": {"zh-CN": "条件需要是非值，这里是{got}。可写“{fix}”。", "en": 'A condition must be true or false, this is {got}. Write "{fix}".'},
    "X308": {"zh-CN": "{function} 的结果必须是同一类型，这里既有{left}也有{right}。", "en": "{function} needs one type of result, here are {left} and {right}."},
    "X309": {"zh-CN": "公式的结果应为{wanted}，现在是{got}。", "en": "The result must be {wanted}, it is {got}."},
    "X310": {"zh-CN": "{got}没有下级字段“{name}”。", "en": 'There is no field "{name}" in {got}.'},
    "X311": {"zh-CN": "列表要放进汇总函数，例如“{fix}”。", "en": 'A list belongs in an aggregate, for example "{fix}".'},
    "X312": {"zh-CN": "逐行计算只能用于同一个列表。请写“{fix}”。", "en": 'Row by row arithmetic works on one list only. Write "{fix}".'},
    "X313": {"zh-CN": "{function} 的第 {at} 个参数要直接写出来，不能计算。", "en": "Argument {at} of {function} must be written out, not computed."},
    "X314": {"zh-CN": "“{text}”不能用作{wanted}。可用：{options}。", "en": '"{text}" is no {wanted}. Use one of {options}.'},
    "X315": {"zh-CN": "列表的元素必须是同一类型，这里既有{left}也有{right}。", "en": "A list holds one type, here are {left} and {right}."},
    "X316": {"zh-CN": "这里不能写“->”，只有汇总和筛选函数可以。", "en": '"->" works only inside functions over lists.'},
    "X317": {"zh-CN": "看不懂条件“{text}”。例如：\">5\"、\"<>0\"、\"华东\"。", "en": 'The condition "{text}" is not understood. Examples: ">5", "<>0", "east".'},
    "X318": {"zh-CN": "正则表达式有误：{problem}。", "en": "The pattern is not valid: {problem}."},
    "X319": {"zh-CN": "这里需要直接写出人员或部门字段，例如“owner”。", "en": "Name a field that holds a person or department here, such as owner."},
    "X320": {"zh-CN": "{name} 需要本记录的一个字段。", "en": "{name} needs a field of the record itself."},
    "X401": {"zh-CN": "{function} 至少需要 {wanted} 个参数，这里有 {got} 个。写法：{signature}", "en": "{function} needs {wanted} or more arguments, given: {got}. Form: {signature}"},
    "X402": {"zh-CN": "{function} 最多 {wanted} 个参数，这里有 {got} 个。写法：{signature}", "en": "{function} takes up to {wanted} arguments, given: {got}. Form: {signature}"},
    "X403": {"zh-CN": "{function} 的参数要成对。写法：{signature}", "en": "{function} takes pairs of arguments. Form: {signature}"},
    "X501": {"zh-CN": "公式太长：{got} 个字符，上限 {limit}。请拆成几个计算字段。", "en": "The formula has {got} characters, the limit is {limit}. Split it into computed fields."},
    "X502": {"zh-CN": "括号或函数嵌套太深，上限 {limit} 层。请用 LET 或计算字段拆开。", "en": "Nesting is deeper than {limit} levels. Use LET or computed fields."},
    "X503": {"zh-CN": "公式太复杂：{got} 个步骤，上限 {limit}。请拆成几个计算字段。", "en": "The formula has {got} steps, the limit is {limit}. Split it into computed fields."},
    "X504": {"zh-CN": "关联路径太长，上限 {limit} 层。", "en": "The path is longer than {limit} hops."},
    "X505": {"zh-CN": "列表函数嵌套太深，上限 {limit} 层。", "en": "Functions over lists are nested deeper than {limit} levels."},
    "X506": {"zh-CN": "数字超出范围：整数部分最多 18 位。", "en": "The number is too large: at most 18 integer digits."},
    "X507": {"zh-CN": "列表太长，上限 {limit} 个元素。", "en": "The list is longer than {limit} items."},
    "X601": {"zh-CN": "字段“{name}”已被删除。请换一个字段，或从回收站恢复。", "en": 'The field "{name}" was deleted. Use another one, or restore it from the trash.'},
    "X602": {"zh-CN": "计算字段互相引用，形成循环：{path}。", "en": "Computed fields refer to each other in a circle: {path}."},
    "X701": {"zh-CN": "按标准写法“{fix}”理解。", "en": 'Read as the standard form "{fix}".'},
    "X702": {"zh-CN": "“{text}”的先后次序容易看错，请加括号。", "en": 'Add parentheses to "{text}": its order is easily misread.'},
    "X703": {"zh-CN": "两个金额的币种不同：{left} 与 {right}。", "en": "The two amounts have different currencies: {left} and {right}."},
    "X801": {"zh-CN": "权限范围必须能由数据库计算，这一部分不行：{text}（{reason}）。请改写，或把这一部分做成计算字段，再在范围里用那个字段。", "en": "A permission range must be computed by the database; this part cannot: {text} ({reason}). Write it otherwise, or make it a computed field and use that field here."},
    "X802": {"zh-CN": "这里的公式不能依赖当前时间或随机数：{text}。", "en": "This formula may not depend on the time or on chance: {text}."},
    "X803": {"zh-CN": "从“{name}”取数要写明按哪个字段相等来找，例如 LOOKUP({name}, x -> x.字段 = 本记录的字段, x -> x.要取的值)；否则要读遍所有记录。", "en": "Say which field of {name} must equal what, such as LOOKUP({name}, x -> x.field = value, x -> x.result); otherwise every record would be read."},
    "X804": {"zh-CN": "{name} 每次都给出新值，只能用于默认值。", "en": "{name} gives something new each time; use it in a default value only."},
    "X805": {"zh-CN": "{name} 需要本对象有一个流水号字段，请先添加。", "en": "{name} needs a serial number field in this entity. Add one first."},
    "X806": {"zh-CN": "图表的筛选必须能由数据库计算，这一部分不行：{text}（{reason}）。请改写，或把这一部分做成计算字段，再筛选那个字段。", "en": "The filter of a chart must be computed by the database; this part cannot: {text} ({reason}). Write it otherwise, or make it a computed field and filter by that field."},
    "X807": {"zh-CN": "关联查询的条件必须能由数据库计算，这一部分不行：{text}（{reason}）。请改写，或在被查的表里把这一部分做成计算字段，再用那个字段。", "en": "The condition of a query must be computed by the database; this part cannot: {text} ({reason}). Write it otherwise, or make it a computed field of the records looked for and use that field."},
    "X808": {"zh-CN": "“{name}”是关联查询，没有值，不能用在公式里。请用汇总字段，或 COUNTALL(FILTER(对象, it.字段 = …)) 这样的写法。", "en": '"{name}" is a query: it has no value and cannot be used in a formula. Use a rollup, or write something like COUNTALL(FILTER(entity, it.field = …)).'},
    "X901": {"zh-CN": "除数为零", "en": "division by zero"},
    "X902": {"zh-CN": "数字超出范围", "en": "number out of range"},
    "X903": {"zh-CN": "值无法识别", "en": "value not understood"},
    "X904": {"zh-CN": "没有匹配的值", "en": "no match"},
    "X905": {"zh-CN": "超出计算上限", "en": "over the limit of work"},
}  # fmt: skip

register_messages(MESSAGES)

KINDS = {"1": "SYNTAX", "2": "NAME", "3": "TYPE", "4": "ARITY", "5": "DEPTH", "6": "REF", "7": "HINT", "8": "USE"}

ERROR_MESSAGES = {"DIV0": "X901", "NUM": "X902", "VALUE": "X903", "NA": "X904", "LIMIT": "X905"}
"""Message of each run-time error code."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A single edit that helps: put ``text`` in place of the source between ``start`` and ``end``."""

    start: int
    end: int
    text: str

    def apply(self, source: str) -> str:
        """Return the source with the edit done."""
        return source[: self.start] + self.text + source[self.end :]


@dataclass(frozen=True, slots=True)
class ExprFinding(Finding):
    """A finding with its span in the original source and up to three fixes."""

    start: int = 0
    end: int = 0
    fixes: tuple[Fix, ...] = ()

    @property
    def kind(self) -> str:
        """SYNTAX, NAME, TYPE, ARITY, DEPTH, REF, CYCLE, HINT or USE."""
        return "CYCLE" if self.code == "X602" else KINDS[self.code[1]]

    def at(self, place: str) -> ExprFinding:
        """Return the finding at the place of its expression in a definition."""
        return replace(self, place=place)


def error(code: str, start: int, end: int, *fixes: Fix, **params: Any) -> ExprFinding:
    """Return an error at a span."""
    return ExprFinding(code, "", params, "error", start=start, end=end, fixes=fixes[:3])


def warning(code: str, start: int, end: int, *fixes: Fix, **params: Any) -> ExprFinding:
    """Return a warning at a span."""
    return ExprFinding(code, "", params, "warning", start=start, end=end, fixes=fixes[:3])
