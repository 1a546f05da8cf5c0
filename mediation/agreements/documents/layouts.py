"""The Chinese texts of the papers, after the forms of the public systems (domain/mediation.md, "File").

A line is (kind, text): ``title``, ``number``, ``head``, ``text``, ``each`` (list, text with ``row``), ``table`` (list,
{heading: text with ``row``}), ``facts`` ({heading: text}), ``wording`` (a sentence that differs by place:
``sentences.py``), ``when`` (name, lines that stand only where there is something of that name). What stands in double
braces is filled in by ``papers.py``. A day is that of what the paper tells, never that of the printing.
"""

DETAILS = {
    "姓名或名称": "{{ row.name }}", "证件号码": "{{ row.identity }}", "住址": "{{ row.address }}",
    "联系电话": "{{ row.phone }}", "代理人": "{{ row.agent }}",
}  # fmt: skip
PARTIES = ("table", "parties", {"当事人": "{{ row.side }}"} | DETAILS)
BOUND = ("table", "bound", {"当事人": "{{ row.side }}"} | DETAILS)
# Before the court all whom the agreement binds apply together (民事诉讼法 205).
APPLICANTS = ("table", "bound", {"当事人": "申请人"} | DETAILS)
SIGN = "{{ row }}（签名、盖章或捺印）：____________    年    月    日"
SIGNERS = ("each", "signers", SIGN)
MEDIATOR = ("text", "人民调解员（签名）：____________")


def _seal(body: str, day: str) -> tuple[str, str]:
    return ("text", f"{{{{ {body} }}}}（印章）    {{{{ {day} }}}}")


COVER = [
    ("title", "人民调解卷宗"),
    ("facts", {
        "案号": "{{ number }}", "办理单位": "{{ unit }}", "所在地调解委员会": "{{ committee }}",
        "纠纷类型": "{{ type }}", "纠纷等级": "{{ tier }}",
        "来源": "{{ source }}", "当事人": "{{ names }}", "人民调解员": "{{ mediator }}", "登记日期": "{{ registered }}",
        "受理日期": "{{ accepted }}", "结束日期": "{{ ended }}", "结果": "{{ result }}", "归档日期": "{{ archived }}",
    }),
    ("head", "卷内目录"),
    ("table", "index", {"序号": "{{ row.order }}", "文书": "{{ row.title }}", "份数": "1", "备注": "{{ row.note }}"}),
]  # fmt: skip
APPLICATION = [
    ("title", "人民调解申请书"), ("number", "案号：{{ number }}"), PARTIES,
    ("head", "纠纷简要情况"), ("text", "{{ facts }}"),
    ("head", "申请事项"), ("text", "{{ claim }}"), ("text", "涉及金额（元）：{{ amount }}"),
    ("wording", "application_statement"),
    ("each", "applicants", "申请人 {{ row }}（签名、盖章或捺印）：____________"),
    ("text", "申请日期：{{ registered }}"),
]  # fmt: skip
ACCEPTANCE = [
    ("title", "人民调解受理登记表"),
    ("facts", {
        "案号": "{{ number }}", "来源": "{{ source }}", "纠纷类型": "{{ type }}", "案由": "{{ title }}",
        "登记人": "{{ registrar }}", "登记日期": "{{ registered }}", "受理日期": "{{ accepted }}",
        "调解期限至": "{{ term }}", "人民调解员": "{{ mediator }}", "办理单位": "{{ accepted_by }}",
        "所在地调解委员会": "{{ committee }}",
    }),
    PARTIES, ("head", "纠纷简要情况"), ("text", "{{ facts }}"),
    ("text", "登记人（签名）：____________    {{ registered }}"),
]  # fmt: skip
NOTICE = [
    ("title", "人民调解权利义务告知书"), ("number", "案号：{{ number }}"),
    ("text", "{{ names }}："),
    ("wording", "notice_opening"),
    ("head", "一、当事人的权利（第二十三条）"),
    ("text", "（一）选择或者接受人民调解员；"), ("text", "（二）接受调解、拒绝调解或者要求终止调解；"),
    ("text", "（三）要求调解公开进行或者不公开进行；"), ("text", "（四）自主表达意愿、自愿达成调解协议。"),
    ("head", "二、当事人的义务（第二十四条）"),
    ("text", "（一）如实陈述纠纷事实；"), ("text", "（二）遵守调解现场秩序，尊重人民调解员；"),
    ("text", "（三）尊重对方当事人行使权利。"),
    ("head", "三、其他途径和协议效力"),
    ("wording", "notice_routes"),
    ("text", "调解协议具有法律约束力，当事人应当按照约定履行（第三十一条）；自生效之日起三十日内可以共同向人民法院"
             "申请司法确认（第三十三条、民事诉讼法第二百零五条）。"),
    ("text", "调解中作出的让步不得在以后的程序中作为对其不利的依据。"), ("wording", "notice_local"),
    ("head", "当事人意见"),
    ("table", "consents", {"当事人": "{{ row.name }}", "事项": "{{ row.what }}", "意见": "{{ row.answer }}",
                           "时间": "{{ row.at }}"}),
    ("text", "告知日期：{{ told_on }}"), ("text", "以上内容已知悉。"), SIGNERS,
]  # fmt: skip
RECORD = [
    ("title", "人民调解记录"), ("number", "案号：{{ number }}"),
    ("facts", {"纠纷类型": "{{ type }}", "当事人": "{{ names }}", "人民调解员": "{{ mediated_by }}"}),
    ("head", "调解会"),
    ("table", "sittings", {"时间": "{{ row.at }}", "方式": "{{ row.kind }}", "地点": "{{ row.place }}",
                           "到场": "{{ row.present }}"}),
    ("head", "记录"), ("each", "records", "{{ row.at }}  {{ row.by }}：{{ row.text }}"),
    ("text", "调解结果：{{ recorded_result }}"), SIGNERS, MEDIATOR,
]  # fmt: skip
JOINT = [
    ("title", "联合调解情况表"), ("number", "案号：{{ number }}"),
    ("facts", {"纠纷类型": "{{ type }}", "当事人": "{{ names }}", "当前等级": "{{ tier }}", "办理单位": "{{ unit }}"}),
    ("head", "纠纷等级变化"),
    ("table", "tiers", {"日期": "{{ row.on }}", "等级": "{{ row.tier }}", "办理单位": "{{ row.unit }}",
                        "理由": "{{ row.reason }}"}),
    ("when", "takeovers", [
        ("head", "接手办理申请"),
        ("table", "takeovers", {"申请日期": "{{ row.on }}", "申请单位": "{{ row.unit }}", "承接单位": "{{ row.to }}",
                                "拟定等级": "{{ row.tier }}", "理由": "{{ row.reason }}", "情况": "{{ row.state }}",
                                "办结日期": "{{ row.ended }}"}),
    ]),
    ("when", "tracks", [
        ("head", "三调联动"),
        ("table", "tracks", {"类别": "{{ row.kind }}", "机关": "{{ row.organ }}", "法律依据": "{{ row.basis }}",
                             "日期": "{{ row.days }}", "情况": "{{ row.state }}", "结果": "{{ row.result }}",
                             "文书": "{{ row.document }}"}),
    ]),
    ("when", "tasks", [
        ("head", "部门任务"),
        ("table", "tasks", {"部门": "{{ row.unit }}", "交办日期": "{{ row.on }}", "问题": "{{ row.question }}",
                            "答复期限": "{{ row.due }}", "情况": "{{ row.state }}", "答复": "{{ row.answer }}",
                            "答复日期": "{{ row.answered }}"}),
    ]),
    ("text", "填表人（签名）：____________{{ by_hand }}"),
]  # fmt: skip
AGREEMENT = [
    ("title", "{{ title_of.agreement }}"), ("number", "编号：{{ agreement_number }}    案号：{{ number }}"), BOUND,
    ("text", "{{ draft }}"),
    ("head", "纠纷主要事实、争议事项"), ("text", "{{ subject }}"),
    ("head", "经调解，自愿达成如下协议"), ("each", "clauses", "{{ row.order }}、{{ row.text }}"),
    ("head", "履行事项"),
    ("table", "obligations", {"义务人": "{{ row.debtor }}", "权利人": "{{ row.creditor }}", "内容": "{{ row.what }}",
                              "金额（元）": "{{ row.amount }}", "履行期限": "{{ row.due }}"}),
    ("head", "履行方式、地点、期限"), ("text", "{{ performance }}"),
    ("text", "{{ form_note }}"), ("wording", "agreement_local"),
    ("each", "signed", "{{ row.name }}：{{ row.how }}    {{ row.on }}"),
    ("each", "unsigned", SIGN), ("when", "mediator_signs", [MEDIATOR]),
    ("text", "协议日期：{{ made_on }}    生效日期：{{ effective_on }}"),
    ("when", "written", [_seal("body", "sealed_on")]),
]  # fmt: skip
PERFORMANCE = [
    ("title", "调解协议履行情况表"), ("number", "编号：{{ agreement_number }}    案号：{{ number }}"),
    ("table", "obligations", {"义务人": "{{ row.debtor }}", "内容": "{{ row.what }}", "金额（元）": "{{ row.amount }}",
                              "已付（元）": "{{ row.paid }}", "履行期限": "{{ row.due }}", "情况": "{{ row.state }}",
                              "履行日期": "{{ row.done }}"}),
    ("text", "记录人（签名）：____________{{ by_hand }}"),
]  # fmt: skip
FOLLOW_UP = [
    ("title", "人民调解回访记录"), ("number", "案号：{{ number }}"),
    ("facts", {"纠纷类型": "{{ type }}", "当事人": "{{ bound_names }}", "协议编号": "{{ agreement_number }}",
               "生效日期": "{{ effective_on }}"}),
    ("table", "visits", {"类别": "{{ row.kind }}", "应访日期": "{{ row.due }}", "情况": "{{ row.state }}",
                         "回访日期": "{{ row.on }}", "方式": "{{ row.way }}", "回访人": "{{ row.by }}",
                         "履行": "{{ row.performed }}", "满意度": "{{ row.satisfaction }}",
                         "反复": "{{ row.relapse }}"}),
    ("text", "回访人（签名）：____________    被回访人（签名）：____________"),
]  # fmt: skip
TERMINATION = [
    ("title", "{{ title_of.termination }}"), ("number", "案号：{{ number }}"), ("text", "{{ names }}："),
    ("text", "{{ end }}"),
    ("wording", "termination_routes"), ("wording", "termination_local"), _seal("unit", "ended"),
]  # fmt: skip
CONFIRMATION_NOTICE = [
    ("title", "司法确认告知书"), ("number", "编号：{{ confirmation_number }}    案号：{{ number }}"),
    ("text", "{{ bound_names }}："),
    ("text", "你们于{{ made_on }}达成的调解协议（编号 {{ agreement_number }}）自{{ effective_on }}起生效。"),
    ("text", "双方当事人认为有必要的，可以自协议生效之日起三十日内共同向人民法院申请司法确认"
             "（人民调解法第三十三条、民事诉讼法第二百零五条）。期间开始之日不计算在内，最后一日是法定休假日的，"
             "以其后的第一日为最后一日（第八十五条）。"),
    ("text", "最后一日：{{ last_day }}。逾期或者仅一方申请的，人民法院不予确认。"),
    ("wording", "confirmation_after"), ("wording", "confirmation_local"),
    ("when", "reasons", [("head", "需要注意"), ("each", "reasons", "{{ row.text }}（{{ row.article }}）")]),
    ("each", "bound_signers", SIGN), _seal("body", "by_hand"),
]  # fmt: skip
CONFIRMATION_APPLICATION = [
    ("title", "司法确认申请书"), ("number", "编号：{{ confirmation_number }}"), APPLICANTS,
    ("head", "申请事项"),
    ("text", "请求人民法院确认申请人之间于{{ made_on }}经{{ body }}主持调解达成的调解协议（编号 "
             "{{ agreement_number }}，{{ effective_on }}生效）有效。"),
    ("head", "事实与理由"), ("text", "{{ subject }}"),
    ("text", "申请人出于解决纠纷的目的自愿达成协议，没有恶意串通、规避法律的行为；如果因为该协议内容给国家、集体或者"
             "他人造成损害的，愿意承担相应的民事责任和其他法律责任。"),
    ("when", "wishes", [
        ("head", "共同申请"),
        ("table", "wishes", {"申请人": "{{ row.name }}", "意思表示": "{{ row.answer }}", "方式": "{{ row.how }}",
                             "日期": "{{ row.on }}"}),
    ]),
    ("text", "附：调解协议、调解组织主持调解的证明、身份证明、与协议相关的财产权利证明等（民诉解释第三百五十四条）。"),
    ("text", "此致"), ("text", "{{ court }}"), ("each", "applying", SIGN),
    ("text", "申请日期：{{ applied_on }}"),
]  # fmt: skip
CONFIRMATION_CERTIFICATE = [
    ("title", "主持调解证明"), ("number", "编号：{{ confirmation_number }}    案号：{{ number }}"),
    ("text", "{{ court }}："),
    ("text", "{{ bound_names }}之间的{{ matter }}，由{{ body_called }}人民调解员{{ mediated_by }}主持调解，"
             "于{{ made_on }}达成调解协议（编号 {{ agreement_number }}），自{{ effective_on }}起生效。特此证明。"),
    _seal("body", "by_hand"),
]  # fmt: skip
