"""What can be wrong with a report definition or a question to it."""

from __future__ import annotations

from metadata.findings import register_messages

register_messages(
    {
        "W101": {
            "zh-CN": "组件类型“{type}”在本系统中不可用。请换一种图表类型，或安装提供它的插件。",
            "en": 'Widget type "{type}" is not available here. Choose another chart type or install the plug-in that has it.',
        },
        "W102": {
            "zh-CN": "组件引用的字段“{field}”不存在或您无权查看。请在设计器中重新选择字段。",
            "en": 'The widget uses field "{field}", which does not exist or which you may not see. Pick another field in the designer.',
        },
        "W103": {
            "zh-CN": "“{key}”不是组件可用的设置。可用的有：{known}。",
            "en": '"{key}" is not a setting of a widget. Known settings: {known}.',
        },
        "W104": {
            "zh-CN": "“{role}”需要引用一个已定义的维度或度量，找不到“{id}”。",
            "en": '"{role}" must name a dimension or measure of this widget; "{id}" is none.',
        },
        "W105": {
            "zh-CN": "图表类型“{type}”需要{need}。",
            "en": 'Chart type "{type}" needs {need}.',
        },
        "W106": {
            "zh-CN": "“{value}”不是“{key}”的可用值。可用的有：{known}。",
            "en": '"{value}" is not a value of "{key}". Known values: {known}.',
        },
        "W107": {
            "zh-CN": "比较需要一个日期维度，或数据范围里的一个日期筛选。请先添加。",
            "en": "A comparison needs a date dimension, or a date condition in the data range. Add one first.",
        },
        "W108": {
            "zh-CN": "没有可显示的数据：您没有查看该组件所用数据的权限。",
            "en": "Nothing to show: you may not see the data this widget uses.",
        },
        "W109": {
            "zh-CN": "分组太多（超过 {limit}）。请增加筛选条件，或设置“前 N 项”。",
            "en": "Too many groups (over {limit}). Add a filter or set a top-N.",
        },
    }
)
