package metrics

import "math"

// Wilson is the interval in which a share lies of which k of n were seen, at z
// standard deviations: 1.96 is a confidence of 95 %. It is the score interval of
// E. B. Wilson (1927), which stays within 0 and 1 and holds for few requests and for
// shares near 1, as the usual k/n +- z sqrt(...) does not. Of n = 0 nothing is known:
// 0 to 1.
func Wilson(k, n int, z float64) (low, high float64) {
	if n == 0 {
		return 0, 1
	}
	share, count, zz := float64(k)/float64(n), float64(n), z*z
	middle := (share + zz/(2*count)) / (1 + zz/count)
	half := z / (1 + zz/count) * math.Sqrt(share*(1-share)/count+zz/(4*count*count))
	return max(0, min(share, middle-half)), min(1, max(share, middle+half))
}
