package export

// At makes exports of more than n rows wait, for tests.
func (s *Service) At(n int64) { s.atOnce = n }
