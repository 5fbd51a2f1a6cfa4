package account

import (
	"strings"
	"unicode/utf8"
)

// commonText are the letters of what everybody tries first, written down for this
// program: words of computing, of the keyboard, of affection, names, teams, months,
// pinyin of everyday words, and our own words. Digits and signs do not help them.
const commonText = `
password passwd passw passwort pass pwd admin administrator adm root welcome letmein login logon signin master access secret private default
changeme change temp temporary guest user username usuario test tester testing demo sample example system sysadmin server oracle mysql postgres
sql database manager support service office company computer internet windows microsoft google apple samsung huawei tencent alibaba baidu
hello helloworld world goodbye please thankyou trustno trust nothing something everything whatever unknown
qwerty qwertyuiop qwertyui qwert qwer asdf asdfg asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qaz wsx edc qazwsx qazwsxedc qweasd qweasdzxc
qwe asd zxc poiuytrewq lkjhgfdsa mnbvcxz abc abcd abcde abcdef abcdefg abcdefgh aaa xxx
monkey dragon sunshine princess football baseball basketball soccer hockey superman batman spiderman starwars pokemon pikachu
shadow michael jordan jennifer jessica ashley daniel david andrew thomas robert charlie george william james john joshua matthew anthony
jonathan christopher alexander samantha nicole michelle amanda elizabeth victoria natasha maria anna
liverpool chelsea arsenal manchester united barcelona realmadrid juventus ronaldo messi beckham
iloveyou ilove love you loveyou lovely lover forever baby babygirl angel heart honey sweet sweetheart darling kiss happy lucky beautiful
summer winter spring autumn january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday birthday christmas newyear
cheese chocolate cookie banana orange apple flower butterfly rainbow diamond silver golden purple yellow black white green blue red
freedom america china chinese england london paris tokyo beijing shanghai guangzhou hongkong taiwan
computer internet mustang ferrari porsche mercedes corvette harley yamaha honda toyota
killer hunter ranger warrior fighter wizard phoenix tiger eagle falcon panther lion wolf bear dolphin horse
fuckyou fuck shit bitch asshole pussy sexy
woaini woaiwojia woainima wo ai ni aini nihao nimade zhongguo zhonghua zhang wang li liu chen yang huang zhao wu zhou xiao
baobao laogong laopo mima xinmima guanliyuan yonghu ceshi gongsi xuexiao laoshi fuwu jishu wangluo diannao
huanbao huanjing huanbaoju huanjingju shengtai shengtaihuanjing shenzhen shenzhenshi guangdong yuanqu gongyeyuan gongyeyuanqu gongye qiye
taizhang xuncha zhenggai jiancha jiance paiwu paiwuxuke feishui feiqi weifei guanli guanliju jianguan zhifa
baoan longgang dapeng nanshan futian luohu yantian longhua pingshan guangming shenshan
park parks bureau district inspector enterprise auditor registry industrial environment environmental ecology pollution compliance security
园区 工业园区 工业园 环保 环境 生态环境 生态 环保局 环境局 深圳 深圳市 台账 巡查 整改 检查 监测 排污 许可 管理 管理员 密码 登录 测试 企业 我爱你 你好
`

// commonCores is commonText as a set.
var commonCores = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(commonText) {
		m[w] = true
	}
	return m
}()

// longestCommon is the length of the longest common word, in characters.
var longestCommon = func() int {
	n := 0
	for w := range commonCores {
		n = max(n, utf8.RuneCountInString(w))
	}
	return n
}()
