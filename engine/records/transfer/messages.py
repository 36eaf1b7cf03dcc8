"""What can go wrong when data comes in or goes out as a file."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "I101": {
            "zh-CN": "“{name}”不是可导入的文件。请使用 CSV（UTF-8 或 GBK）或 XLSX 文件。",
            "en": '"{name}" cannot be imported. Use a CSV (UTF-8 or GBK) or XLSX file.',
        },
        "I102": {
            "zh-CN": "文件中没有数据行。第一行应是列名，其后每行一条记录。",
            "en": "The file has no data rows. The first line must hold column names, then one record a line.",
        },
        "I103": {
            "zh-CN": "表格太大：单元格 {cell} 超出了 {rows} 行 × {columns} 列的上限。请删除远处的空单元格或拆分文件后再试。",
            "en": "The sheet is too large: cell {cell} lies beyond {rows} rows × {columns} columns. Delete stray far-away cells or split the file.",
        },
        "I104": {
            "zh-CN": "压缩内容异常：解压后有 {size} MB，超过上限 {limit} MB。文件未导入。",
            "en": "The packed content is out of proportion: {size} MB unpacked, over the limit of {limit} MB. Nothing was imported.",
        },
        "I105": {
            "zh-CN": "无法读取该文件：读取时超出了内存或时间限制，或文件已损坏。请用 Excel 另存为 CSV 后再试。",
            "en": "The file could not be read: it went over the memory or time limit, or it is damaged. Save it as CSV and try again.",
        },
        "I106": {
            "zh-CN": "文件中没有工作表“{sheet}”。可选：{sheets}。",
            "en": 'The file has no sheet "{sheet}". There are: {sheets}.',
        },
        "I107": {
            "zh-CN": "列“{column}”被对应到了两个字段或不存在。请检查列对应关系。",
            "en": 'Column "{column}" is mapped twice or does not exist. Check the mapping.',
        },
        "I108": {
            "zh-CN": "字段“{field}”不存在或不能导入。请选择其他字段。",
            "en": 'Field "{field}" does not exist or cannot be imported. Choose another field.',
        },
        "I109": {
            "zh-CN": "用来匹配已有记录的字段“{field}”没有对应任何列。",
            "en": 'No column is mapped to "{field}", the field that finds existing records.',
        },
        "I130": {
            "zh-CN": "找不到部门“{value}”，或有几个部门同名。请写出上级，如“总部/销售部”。",
            "en": 'There is no department "{value}", or several have this name. Write those above too: Head office/Sales.',
        },
        "I110": {
            "zh-CN": "找不到名为“{value}”的{entity}。请先创建它，或改正名称。",
            "en": 'There is no {entity} named "{value}". Create it first or correct the name.',
        },
        "I111": {
            "zh-CN": "有 {count} 条{entity}都叫“{value}”，无法确定是哪一条。请改用唯一的名称。",
            "en": '{count} {entity} records are named "{value}"; it is not clear which one is meant. Use a unique name.',
        },
        "I112": {
            "zh-CN": "第 {row} 行和第 {other} 行的“{field}”相同，只能保留一行。",
            "en": 'Rows {row} and {other} have the same "{field}"; keep one of them.',
        },
        "I113": {
            "zh-CN": "导入正在进行或已完成，不能再修改。",
            "en": "This import is running or done and cannot be changed.",
        },
        "I114": {
            "zh-CN": "找不到用户“{value}”。请填写用户名或姓名。",
            "en": 'There is no user "{value}". Give a user name or a full name.',
        },
        "I115": {
            "zh-CN": "文件超过 {limit} 行。请拆分后分批导入。",
            "en": "The file has more than {limit} rows. Split it and import the parts.",
        },
        "I116": {
            "zh-CN": "这一行的列数（{found}）多于表头（{expected}）。请检查引号或分隔符。",
            "en": "This row has more cells ({found}) than the header ({expected}). Check quotes and separators.",
        },
    }
)
