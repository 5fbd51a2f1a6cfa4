package rhythm

// span is a stretch that a unit word names.
type span struct {
	unit  Unit
	every int
	of    string
}

// spans are the words for units as they stand after 每, 按 or the stroke of 1次/日.
var spans = map[string]span{
	"小时": {Hour, 1, ""}, "h": {Hour, 1, ""}, "H": {Hour, 1, ""},
	"班": {Shift, 1, ""}, "班次": {Shift, 1, ""}, "工作班": {Shift, 1, ""}, "工作班次": {Shift, 1, ""}, "生产班次": {Shift, 1, ""}, "班组": {Shift, 1, ""},
	"批": {Batch, 1, ""}, "批次": {Batch, 1, ""}, "生产批次": {Batch, 1, "生产"},
	"采购批次": {Batch, 1, "采购"}, "采购批": {Batch, 1, "采购"}, "使用批次": {Batch, 1, "使用"}, "进厂批次": {Batch, 1, "进厂"},
	"出厂批次": {Batch, 1, "出厂"}, "转移批次": {Batch, 1, "转移"}, "产生批次": {Batch, 1, "产生"}, "入库批次": {Batch, 1, "入库"}, "出库批次": {Batch, 1, "出库"},
	"日": {Day, 1, ""}, "天": {Day, 1, ""}, "d": {Day, 1, ""}, "D": {Day, 1, ""},
	"工作日": {WorkDay, 1, ""}, "个工作日": {WorkDay, 1, ""},
	"周": {Week, 1, ""}, "星期": {Week, 1, ""}, "礼拜": {Week, 1, ""}, "个星期": {Week, 1, ""}, "双周": {Week, 2, ""},
	"旬": {TenDays, 1, ""},
	"月": {Month, 1, ""}, "个月": {Month, 1, ""}, "月度": {Month, 1, ""}, "双月": {Month, 2, ""},
	"季": {Quarter, 1, ""}, "季度": {Quarter, 1, ""}, "个季度": {Quarter, 1, ""},
	"半年": {HalfYear, 1, ""}, "半年度": {HalfYear, 1, ""},
	"年": {Year, 1, ""}, "年度": {Year, 1, ""}, "a": {Year, 1, ""},
	"工况期": {Condition, 1, ""}, "非正常工况期": {Condition, 1, "非正常工况"}, "非正常期": {Condition, 1, "非正常"}, "异常情况期": {Condition, 1, "异常情况"},
	"异常期": {Condition, 1, "异常"}, "异常时段": {Condition, 1, "异常"}, "异常工况期": {Condition, 1, "异常工况"},
	"周期": {Cycle, 1, ""}, "生产周期": {Cycle, 1, "生产"}, "清洗周期": {Cycle, 1, "清洗"}, "运行周期": {Cycle, 1, "运行"}, "再生周期": {Cycle, 1, "再生"},
	"更换周期": {Cycle, 1, "更换"}, "排放周期": {Cycle, 1, "排放"}, "处理周期": {Cycle, 1, "处理"},
}

// bare are the words that name a unit even alone before a count: 季度1次. 日1次 or
// 年1次 could be the end of a date or of a number and are not taken.
var bare = map[string]span{
	"季度": {Quarter, 1, ""}, "半年": {HalfYear, 1, ""}, "半年度": {HalfYear, 1, ""}, "旬": {TenDays, 1, ""}, "月度": {Month, 1, ""}, "年度": {Year, 1, ""},
	"隔日": {Day, 2, ""}, "隔天": {Day, 2, ""}, "隔周": {Week, 2, ""}, "隔月": {Month, 2, ""}, "双周": {Week, 2, ""}, "双月": {Month, 2, ""},
}

// events are what happens without a calendar: after 每次, before 时, or as 1次/….
var events = map[string]string{
	"": "", "发生": "", "转移": "转移", "出厂": "出厂", "入库": "入库", "出库": "出库", "采购": "采购", "使用": "使用", "更换": "更换", "添加": "添加", "清洗": "清洗", "维修": "维修", "维护": "维护", "检修": "检修",
	"校准": "校准", "巡检": "巡检", "排放": "排放", "事件": "事件", "异常": "异常", "异常情况": "异常情况", "异常事件": "异常事件", "非正常工况": "非正常工况", "事故": "事故", "故障": "故障",
	"停运": "停运", "启停": "启停", "开停机": "开停机", "处置": "处置", "利用": "利用", "作业": "作业", "倾倒": "倾倒", "开停车": "开停车",
}

// verbs say that something is done and add nothing to how often.
var verbs = []string{"记录", "监测", "检测", "采样", "统计", "填报", "登记", "填写", "开展", "进行", "手工监测", "手工记录", "采样监测", "监测记录", "取样", "测定", "汇总", "台账记录", "人工监测", "巡查", "巡检", "及时", "如实"}

// subjects are what a wording may say that its rhythm is about.
var subjects = []string{
	"运行状态", "运行情况", "生产负荷", "产品产量", "主要产品产量", "产量", "原辅料", "原辅材料", "原料", "辅料", "燃料", "用电量", "用水量", "用电用水", "能耗", "药剂添加", "药剂添加情况", "主要药剂添加情况", "主要药剂添加", "药剂",
	"污泥产生量", "污泥", "出水水质", "进水水量", "水量", "流量", "DCS曲线图", "DCS曲线", "基本信息", "监测记录信息", "监测记录", "无组织废气", "无组织废气污染防治措施", "噪声", "厂界噪声", "固体废物",
	"危险废物", "一般工业固体废物", "生产设施", "污染防治设施", "污染治理设施", "治理设施", "废水治理设施", "废气治理设施", "采购情况", "自动监测运维", "自动监测运维记录", "生产设施运行状态", "污染防治设施运行情况", "废水", "废气", "雨水排放口",
}

// things are what a rhythm may be counted for, after 每 or 各.
var things = []string{
	"台设备", "台", "套设施", "套", "条生产线", "生产线", "条线", "个排放口", "排放口", "个点位", "点位", "监测点位", "个监测点", "座", "台设施", "个设施", "设施", "台锅炉", "台炉", "个车间", "车间", "套设备", "台机组", "个储罐",
}

// conditions are the words of a condition. 的, 时, 期间 may follow most of them.
var conditions = map[string]Kind{
	"未变化": Unchanged, "未发生变化": Unchanged, "无变化": Unchanged, "没有变化": Unchanged, "不变": Unchanged, "未发生变化的基本信息": Unchanged,
	"发生变化": Changed, "发生变化的基本信息": Changed,
	"正常": Normal, "正常工况": Normal, "正常情况": Normal, "正常运行": Normal, "正常状态": Normal,
	"异常": Abnormal, "异常情况": Abnormal, "异常工况": Abnormal, "非正常": Abnormal, "非正常工况": Abnormal, "非正常情况": Abnormal, "发生异常": Abnormal, "出现异常": Abnormal,
	"生产": Producing, "正常生产": Producing, "运行": Producing, "有生产": Producing,
	"停产": Stopped, "停运": Stopped, "停产或错峰生产": Stopped, "停产或者错峰生产": Stopped, "错峰生产": Stopped, "停产检修": Stopped, "停工": Stopped,
	"连续生产": ContinuousRun, "连续性生产": ContinuousRun, "连续运行": ContinuousRun, "连续式生产": ContinuousRun, "连续工艺": ContinuousRun,
	"非连续生产": BatchRun, "间歇生产": BatchRun, "间歇性生产": BatchRun, "间歇运行": BatchRun, "间歇式生产": BatchRun, "批次生产": BatchRun, "间断生产": BatchRun, "间歇工艺": BatchRun,
	"排放": Discharging, "外排": Discharging, "有流动水排放": Discharging, "有水排放": Discharging, "有流动水": Discharging, "下雨排放": Discharging, "雨期排放": Discharging, "雨水排放": Discharging, "雨水排放口有流动水排放": Discharging, "雨后排放": Discharging, "排水": Discharging, "雨水口排放": Discharging,
	"春季": Season, "夏季": Season, "秋季": Season, "冬季": Season, "冬春季": Season, "夏秋季": Season, "雨季": Season, "旱季": Season, "汛期": Season, "非汛期": Season, "丰水期": Season, "枯水期": Season, "平水期": Season,
	"采暖期": Season, "供暖期": Season, "非采暖期": Season, "非供暖期": Season, "采暖季": Season, "高温季节": Season,
	"特殊时段": Special, "重污染天气": Special, "重污染天气应急": Special, "重污染天气应急响应": Special, "重污染天气应对": Special, "重大活动保障": Special, "冬防": Special,
	"自动监测设备故障": Faulty, "自动监测故障": Faulty, "在线监测设备故障": Faulty, "在线设备故障": Faulty, "自动监控设备故障": Faulty, "设备故障": Faulty, "故障": Faulty, "自动监测设备不能正常运行": Faulty, "自动监测设施故障": Faulty,
	"采用容器盛装": InContainers, "容器盛装": InContainers, "采用包装容器": InContainers, "采用管道输送": ByPipe, "管道输送": ByPipe, "管道输送至贮存设施": ByPipe,
	"重点排污单位": KeyUnit, "重点管理": KeyUnit, "重点管理单位": KeyUnit, "非重点排污单位": OtherUnit, "简化管理": OtherUnit, "简化管理单位": OtherUnit,
	"其他排污单位": Otherwise, "其它排污单位": Otherwise, "其他单位": Otherwise, "其他": Otherwise, "其它": Otherwise, "其他污水": Otherwise, "其他区域": Otherwise, "其他情况": Otherwise, "其余": Otherwise,
	"监测一年无异常": CleanYear, "监测一年无异常情况": CleanYear, "监测1年无异常": CleanYear, "监测1年无异常情况": CleanYear, "连续监测一年无异常": CleanYear, "连续监测一年无异常情况": CleanYear,
	"总量控制区域": TotalControl, "总量控制区": TotalControl, "实施总量控制的区域": TotalControl, "实施总量控制": TotalControl,
	"许可证要求": PermitRequires, "许可证有要求": PermitRequires, "许可证要求按班记录": PermitRequires, "许可证另有规定": PermitRequires, "排污许可证另有规定": PermitRequires, "许可证另有要求": PermitRequires, "排污许可证另有要求": PermitRequires,
}

// bounded are the words between 周期 and its hours.
var bounded = map[string]Kind{
	"小于": CycleUnder, "不足": CycleUnder, "短于": CycleUnder, "少于": CycleUnder, "低于": CycleUnder, "<": CycleUnder, "不到": CycleUnder,
	"不超过": CycleWithin, "不大于": CycleWithin, "小于等于": CycleWithin, "小于或等于": CycleWithin, "≤": CycleWithin,
	"大于": CycleOver, "超过": CycleOver, "长于": CycleOver, ">": CycleOver, "多于": CycleOver,
}

// documents are what a wording may refer to instead of a numbered standard.
var documents = map[string]Document{
	"自行监测方案": MonitoringPlan, "监测方案": MonitoringPlan, "自行监测计划": MonitoringPlan, "监测计划": MonitoringPlan, "自行监测要求": MonitoringPlan, "自行监测": MonitoringPlan,
	"许可证": PermitText, "排污许可证": PermitText, "许可证要求": PermitText, "排污许可证要求": PermitText, "许可证规定": PermitText, "排污许可证规定": PermitText, "许可证载明的频次": PermitText, "许可证规定的频次": PermitText, "排污许可证规定的频次": PermitText, "其规定": PermitText,
	"行业自行监测技术指南": Guideline, "行业指南": Guideline, "各行业自行监测技术指南": Guideline, "相关行业自行监测技术指南": Guideline, "相应行业自行监测技术指南": Guideline, "自行监测技术指南": Guideline,
}
