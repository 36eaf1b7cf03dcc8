"""What may be said about templates of pages and about printing them."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "T101": {
            "zh-CN": "打印模板第 {line} 行写法有误：{reason}",
            "en": "Line {line} of the print template cannot be read: {reason}",
        },
        "T102": {
            "zh-CN": "打印模板第 {line} 行：“{owner}”没有名为“{name}”的字段。{hint}",
            "en": 'Line {line} of the print template: "{owner}" has no field "{name}". {hint}',
        },
        "T103": {
            "zh-CN": "打印模板第 {line} 行：不认识“{name}”。记录写作 record，其字段写作 record.字段键。",
            "en": 'Line {line} of the print template: "{name}" is not known. The record is record, '
            "its fields are record.key.",
        },
        "T104": {
            "zh-CN": "打印模板第 {line} 行：没有名为“{name}”的{what}。可用的有：{known}。",
            "en": 'Line {line} of the print template: there is no {what} "{name}". There are: {known}.',
        },
        "T105": {
            "zh-CN": "打印模板第 {line} 行：打印模板里不能用 {name}。",
            "en": "Line {line} of the print template: {name} cannot be used in a print template.",
        },
        "T106": {
            "zh-CN": "打印模板第 {line} 行：看不出“{name}”属于哪条记录。请直接从 record 或循环变量取字段。",
            "en": 'Line {line} of the print template: it is not clear which record has "{name}". '
            "Take fields from record or from the variable of a loop.",
        },
        "T107": {
            "zh-CN": "打印模板第 {line} 行计算不了：{reason}",
            "en": "Line {line} of the print template cannot be worked out: {reason}",
        },
        "T108": {
            "zh-CN": "打印模板排版用时太长，已停止。请减少嵌套循环，或一次少打印几条记录。",
            "en": "The print template took too long and was stopped. Use fewer nested loops or print fewer records.",
        },
        "T109": {
            "zh-CN": "打印内容太大（超过 {limit}），已停止。请减少循环，或一次少打印几条记录。",
            "en": "The printed page became too large (over {limit}) and was stopped. Use fewer loops or fewer records.",
        },
        "T110": {
            "zh-CN": "打印样式里不能出现“</style”。请删去它。",
            "en": 'The style sheet of a page cannot contain "</style". Please remove it.',
        },
        "T111": {
            "zh-CN": "这台服务器还没有排版 PDF 所需的 Pango 库。请管理员安装"
            "（Debian、Ubuntu：apt-get install {packages}）；在此之前可以打开预览，用浏览器的“打印”。",
            "en": "This server lacks the library Pango, which PDF files need. Ask its administrator to install it "
            "(Debian, Ubuntu: apt-get install {packages}); until then open the preview and print it in the browser.",
        },
        "T112": {
            "zh-CN": "现在打印的人太多，请稍等片刻再试。",
            "en": "Too many pages are being printed right now. Please try again in a moment.",
        },
        "T113": {
            "zh-CN": "一次最多打印 {limit} 条记录，您选了 {count} 条。请分几次打印。",
            "en": "At most {limit} records can be printed at once, you chose {count}. Please print them in parts.",
        },
        "T114": {
            "zh-CN": "打印模板“{label}”不适用于这条记录的当前状态。请换一个模板。",
            "en": 'The print template "{label}" is not for this record as it is now. Choose another one.',
        },
        "T115": {
            "zh-CN": "打印要读取的关联记录太多（超过 {limit} 条）。请在模板里少用关联列表。",
            "en": "Printing would read too many linked records (over {limit}). "
            "Use fewer related lists in the template.",
        },
        "T116": {
            "zh-CN": "排版程序意外停止，没有生成文件。请再试一次；若仍然如此，请联系管理员并提供问题编号。",
            "en": "The page could not be made: its program stopped. Try again; if it happens again, "
            "tell an administrator the reference.",
        },
        "T117": {
            "zh-CN": "打印模板第 {line} 行用到还没有发布的字段，发布之后才能预览。",
            "en": "Line {line} of the print template uses a field that is not published yet: "
            "it can be previewed after publishing.",
        },
    }
)
