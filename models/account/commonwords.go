package account

// commonCores are the letters of passwords that everybody tries first, and our
// own words; digits and signs around them do not help.
var commonCores = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range []string{
		"password", "passwd", "passw", "admin", "administrator", "root", "welcome", "letmein", "qwerty", "qwertyuiop", "qwertyui",
		"asdfghjkl", "asdfgh", "zxcvbnm", "zxcvbn", "iloveyou", "abc", "abcd", "abcdef", "abcdefg", "abcdefgh", "test", "testtest", "guest", "user",
		"login", "master", "monkey", "dragon", "sunshine", "princess", "football", "baseball", "woaini", "woainima", "nihao", "changeme", "default",
		"secret", "temp", "demo", "hello", "helloworld", "aaaaaaaaaa", "qazwsx", "qazwsxedc", "qweasdzxc", "qweasd", "pass", "system", "oracle", "postgres",
		"huanbao", "huanjing", "huanbaoju", "shengtai", "shengtaihuanjing", "shenzhen", "shenzhenshi", "yuanqu", "gongyeyuanqu", "taizhang", "xuncha",
		"baoan", "longgang", "dapeng", "nanshan", "futian", "luohu", "yantian", "longhua", "pingshan", "guangming", "shenshan", "park", "bureau", "district",
		"园区", "工业园区", "环保", "环境", "生态环境", "深圳", "深圳市", "台账", "巡查",
	} {
		m[w] = true
	}
	return m
}()
